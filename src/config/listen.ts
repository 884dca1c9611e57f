import { textLike } from './fields.ts';

const LISTEN = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([1-9][0-9]{0,4})$/;
const PORT_MAX = 65_535;

/** Where a server of ours listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Address and port as text, such as `127.0.0.1:9464`; see {@link parseListen}. */
export function listenAddress(example: string) {
  return textLike(`must be an address and a port, such as ${example}, or null`, LISTEN).refine(
    (value) => Number(LISTEN.exec(value)?.[2]) <= PORT_MAX,
    { error: `its port is over ${PORT_MAX}` },
  );
}

/** The two parts of what {@link listenAddress} takes. */
export function parseListen(listen: string): ListenAddress {
  const [, host = '', port = ''] = LISTEN.exec(listen) ?? [];
  return { host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
}
