import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { connect, type AddressInfo, type Server } from 'node:net';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';

/** Certificates of a test, as files in one folder. */
export interface Certificates {
  /** The path of `NAME.pem`, or of another file beside it. */
  readonly path: (file: string) => string;
  /** Makes an authority. */
  readonly authority: (name: string) => void;
  /** Makes a certificate for localhost that an authority has signed, and its key. */
  readonly signed: (name: string, authority: string) => void;
}

/** An empty folder for certificates. */
export function createCertificates(): Certificates {
  const cwd = mkdtempSync(join(tmpdir(), 'innervisor-certificates-'));
  const make = (name: string, ...more: readonly string[]): void => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    const line = ['req', '-x509', '-days', '1', '-subj', `/CN=${name}`, ...key, ...files, ...more];
    execFileSync('openssl', line, { cwd, stdio: 'ignore' });
  };
  const LEAF = ['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'subjectAltName=DNS:localhost'];
  return {
    path: (file) => join(cwd, file),
    authority: (name) => make(name),
    signed: (name, authority) => make(name, '-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, ...LEAF),
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

/** Speaks gRPC over TLS and refuses every call as one without a right API key; tells what it was shown. */
export async function startRefusal(
  certificates: Certificates,
): Promise<Front & { readonly shown: readonly (string | undefined)[] }> {
  const shown: (string | undefined)[] = [];
  const server = createSecureServer(serverFiles(certificates));
  server.on('stream', (stream, headers) => {
    shown.push(headers.authorization);
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': '16',
        'grpc-message': 'Request unauthorized.',
      },
      { endStream: true },
    );
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
