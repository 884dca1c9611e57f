import { connect } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import type { TemporalSettings } from '../config/temporal.ts';

/** What keeps a connection from being made, and what to do. */
export interface Obstacle {
  readonly why: string;
  readonly hint: string;
}

const WAIT_MS = 5_000;
const ADDRESS = 'set TEMPORAL_ADDRESS or a profile in temporal.toml';
const CLIENT_CERTIFICATE =
  'set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or tls of the profile in temporal.toml';

/**
 * Connects once more to a server of gRPC that couldn't be reached, to learn why: gRPC itself only says that time is up.
 * @param address `host:port`.
 */
export async function findObstacle(
  address: string,
  tls: TemporalSettings['connectionOptions']['tls'],
): Promise<Obstacle> {
  const isEncrypted = tls !== undefined && tls !== null && tls !== false;
  return describe(await tryOnce(address, tls, isEncrypted), isEncrypted);
}

/** The code of the error that ended the connection, `closed` where there was none, `answers` where it stands. */
async function tryOnce(
  address: string,
  tls: TemporalSettings['connectionOptions']['tls'],
  isEncrypted: boolean,
): Promise<string> {
  const own = typeof tls === 'object' ? (tls ?? {}) : {};
  const { serverRootCACertificate: ca, clientCertPair: pair, serverNameOverride: name } = own;
  const session = connect(`${isEncrypted ? 'https' : 'http'}://${address}`, {
    ...(ca == null ? {} : { ca: Buffer.from(ca) }),
    ...(pair == null ? {} : { cert: Buffer.from(pair.crt), key: Buffer.from(pair.key) }),
    ...(name == null ? {} : { servername: name }),
  });
  const isOver = new AbortController();
  try {
    return await Promise.race([
      new Promise<string>((resolve) => {
        session.once('remoteSettings', () => resolve('answers'));
        const fail = ({ code }: NodeJS.ErrnoException): void => resolve(code ?? 'closed');
        session.on('error', fail);
        // An alert of TLS that comes after the handshake is told by the socket alone.
        session.socket.on('error', fail);
        session.once('close', () => resolve('closed'));
      }),
      delay(WAIT_MS, 'ETIMEDOUT', { signal: isOver.signal }),
    ]);
  } finally {
    isOver.abort();
    session.destroy();
  }
}

function describe(code: string, isEncrypted: boolean): Obstacle {
  switch (code) {
    case 'answers':
      return {
        why: 'it took a connection but said nothing in time',
        hint: 'try again; see the log of that server',
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { why: `that name isn't known (${code})`, hint: ADDRESS };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        why: 'its certificate is for another name',
        hint: 'set TEMPORAL_TLS_SERVER_NAME to the name in the certificate',
      };
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return {
        why: `its certificate isn't valid now (${code})`,
        hint: 'renew the certificate of the server',
      };
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_SIGNATURE_FAILURE':
      return {
        why: `its certificate isn't trusted (${code})`,
        hint: 'set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the authority that has signed it',
      };
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return {
        why: 'it speaks without TLS',
        hint: 'set TEMPORAL_TLS=false, or take tls out of the profile in temporal.toml',
      };
    default:
      return describeOther(code, isEncrypted);
  }
}

function describeOther(code: string, isEncrypted: boolean): Obstacle {
  // Alerts of TLS, such as ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: only a server that looks at our certificate sends them.
  if (/^ERR_SSL_.*ALERT.*(CERTIFICATE|UNKNOWN_CA)/.test(code))
    return { why: `it refuses the client certificate, or demands one (${code})`, hint: CLIENT_CERTIFICATE };
  if (!['closed', 'ECONNRESET', 'EPIPE', 'ERR_HTTP2_ERROR'].includes(code))
    return { why: code, hint: ADDRESS };
  return isEncrypted
    ? { why: 'it ends the connection; it may demand another client certificate', hint: CLIENT_CERTIFICATE }
    : { why: 'it ends the connection; it may demand TLS', hint: 'set TEMPORAL_TLS=true' };
}
