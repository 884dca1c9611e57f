import { absolutePath, mapping, textLike } from './fields.ts';

const LISTEN = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([1-9][0-9]{0,4})$/;
const PORT_MAX = 65_535;

/** Key `serviceDiscovery`: where a worker serves the targets of regions that publish by `http`. */
export const serviceDiscoverySchema = mapping({
  listen: textLike('must be an address and a port, such as 127.0.0.1:9464, or null', LISTEN)
    .refine((value) => Number(LISTEN.exec(value)?.[2]) <= PORT_MAX, { error: `its port is over ${PORT_MAX}` })
    .nullable()
    .describe('Address and port at which a worker serves targets, or `null` where another worker does.')
    .default('127.0.0.1:9464'),
  tokenFile: absolutePath('name the file with the bearer token that Prometheus has to give')
    .describe('A file with the bearer token that Prometheus has to give; needed unless `listen` is loopback.')
    .optional(),
})
  .refine(({ listen, tokenFile }) => tokenFile !== undefined || listen === null || isLoopback(listen), {
    path: ['tokenFile'],
    error:
      'missing; without it, everybody who reaches serviceDiscovery.listen reads the names of your hypervisors',
  })
  .transform(({ listen, tokenFile }) => ({
    listen: listen === null ? null : parseListen(listen),
    ...(tokenFile === undefined ? {} : { tokenFile }),
  }));

function parseListen(listen: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = LISTEN.exec(listen) ?? [];
  return { host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
}

function isLoopback(listen: string): boolean {
  const { host } = parseListen(listen);
  return host === 'localhost' || host === '::1' || /^127\.[0-9.]+$/.test(host);
}
