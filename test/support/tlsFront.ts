import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { connect, type AddressInfo, type Server } from 'node:net';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';

/** Variables of the environment. */
export type Variables = Readonly<Record<string, string>>;

/** Certificates of a test, as files in one folder. */
export interface Certificates {
  /** The path of `NAME.pem`, or of another file beside it. */
  readonly path: (file: string) => string;
  /** The environment of a client that takes servers of an authority. */
  readonly trusting: (authority: string) => Variables;
  /** The environment of a client that has a certificate. */
  readonly showing: (name: string) => Variables;
}

/**
 * Makes a folder with the authorities `servers`, `clients` and `others`, and what they have signed for localhost, in this
 * order: `server`, `client` and `stranger`.
 */
export function createCertificates(): Certificates {
  const cwd = mkdtempSync(join(tmpdir(), 'innervisor-certificates-'));
  const make = (name: string, ...more: readonly string[]): void => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    const line = ['req', '-x509', '-days', '1', '-subj', `/CN=${name}`, ...key, ...files, ...more];
    execFileSync('openssl', line, { cwd, stdio: 'ignore' });
  };
  const LEAF = ['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'subjectAltName=DNS:localhost'];
  for (const [name, authority] of [
    ['server', 'servers'],
    ['client', 'clients'],
    ['stranger', 'others'],
  ] as const) {
    make(authority);
    make(name, '-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, ...LEAF);
  }
  const path = (file: string): string => join(cwd, file);
  return {
    path,
    trusting: (authority) => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: path(`${authority}.pem`) }),
    showing: (name) => ({
      TEMPORAL_TLS_CLIENT_CERT_PATH: path(`${name}.pem`),
      TEMPORAL_TLS_CLIENT_KEY_PATH: path(`${name}.key`),
    }),
  };
}

/** What stands before a server of gRPC, or in its place. */
export interface Front {
  readonly address: string;
  stop(): Promise<void>;
}

/** Takes TLS from whoever has a client certificate of `ca`, and passes on what is inside to a port of this machine. */
export async function startMutualTls(certificates: Certificates, ca: string, port: number): Promise<Front> {
  const options = { ...serverFiles(certificates), ca: readFileSync(certificates.path(`${ca}.pem`)) };
  const server = createServer(
    { ...options, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] },
    (socket) => {
      const inner = connect(port);
      inner.on('error', () => socket.destroy());
      socket.on('error', () => inner.destroy());
      socket.pipe(inner).pipe(socket);
    },
  );
  return await listen(server);
}

/** How {@link startRefusal} refuses. */
interface RefusalOptions {
  /** Number of gRPC's. */
  readonly status: number;
  readonly message: string;
  /** Methods that are answered all the same, by an empty message. */
  readonly open?: readonly string[];
}

/** Without a right API key. */
const UNAUTHENTICATED: RefusalOptions = { status: 16, message: 'Request unauthorized.' };
const EMPTY_MESSAGE = Buffer.alloc(5);

/** Speaks gRPC over TLS and refuses every call; tells what it was shown. */
export async function startRefusal(
  certificates: Certificates,
  { status, message, open = [] }: RefusalOptions = UNAUTHENTICATED,
): Promise<Front & { readonly shown: readonly (string | undefined)[] }> {
  const shown: (string | undefined)[] = [];
  const server = createSecureServer(serverFiles(certificates));
  server.on('stream', (stream, headers) => {
    shown.push(headers.authorization);
    const answer = { ':status': 200, 'content-type': 'application/grpc' };
    if (!open.some((method) => headers[':path']?.endsWith(`/${method}`))) {
      const refusal = { 'grpc-status': `${status}`, 'grpc-message': message };
      stream.respond({ ...answer, ...refusal }, { endStream: true });
      return;
    }
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.respond(answer, { waitForTrailers: true });
    stream.end(EMPTY_MESSAGE);
  });
  return { ...(await listen(server)), shown };
}

function serverFiles({ path }: Certificates) {
  return { key: readFileSync(path('server.key')), cert: readFileSync(path('server.pem')) };
}

async function listen(server: Server): Promise<Front> {
  await once(server.listen(0, 'localhost'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `localhost:${port}`,
    stop: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
