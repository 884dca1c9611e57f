import { createSecureContext } from 'node:tls';
import {
  loadClientConfig,
  loadClientConfigProfile,
  toClientOptions,
  type ClientConfigTLS,
} from '@temporalio/envconfig';
import { readEnvironment } from './environment.ts';
import { ConfigReferenceError } from './error.ts';

/** How Temporal is reached. */
export interface TemporalSettings {
  /** `host:port`. */
  readonly address: string;
  /** What the SDK connects with. */
  readonly connectionOptions: ReturnType<typeof toClientOptions>['connectionOptions'];
  readonly namespace: string;
}

/**
 * The connection that `temporal.toml` and `TEMPORAL_*` name.
 * @throws ConfigReferenceError for a profile that there is not, a file that can't be read, and a client certificate that
 * can't be used.
 */
export function loadTemporalSettings(): TemporalSettings {
  try {
    requireProfile(readEnvironment()['TEMPORAL_PROFILE']);
    const profile = loadClientConfigProfile();
    requireWholePair(profile.tls);
    const { connectionOptions, namespace = 'default' } = toClientOptions(profile);
    requireUsablePair(connectionOptions.tls);
    return { address: connectionOptions.address ?? 'localhost:7233', connectionOptions, namespace };
  } catch (error) {
    if (error instanceof ConfigReferenceError || !(error instanceof Error)) throw error;
    throw new ConfigReferenceError(describe(error), { cause: error });
  }
}

function requireProfile(name: string | undefined): void {
  if (name === undefined) return;
  const { profiles } = loadClientConfig({});
  if (profiles[name] !== undefined) return;
  const known = Object.keys(profiles).join(', ');
  throw new ConfigReferenceError(
    `TEMPORAL_PROFILE: no profile ${JSON.stringify(name)} in temporal.toml, which has ${known === '' ? 'none' : known}; TEMPORAL_CONFIG_FILE says where that file is`,
  );
}

/** Temporal's library connects without a certificate where one half of the pair is missing. */
function requireWholePair({ clientCert, clientKey }: ClientConfigTLS = {}): void {
  if ((clientCert === undefined) === (clientKey === undefined)) return;
  const [given, missing] = clientCert === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
  throw new ConfigReferenceError(
    `Temporal: a client ${given === 'KEY' ? 'key without its certificate' : 'certificate without its key'}; set TEMPORAL_TLS_CLIENT_${missing}_PATH too`,
  );
}

function requireUsablePair(tls: TemporalSettings['connectionOptions']['tls']): void {
  if (typeof tls !== 'object' || tls?.clientCertPair == null) return;
  const { crt, key } = tls.clientCertPair;
  try {
    createSecureContext({ cert: Buffer.from(crt), key: Buffer.from(key) });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ConfigReferenceError(
      `Temporal: the client certificate and its key can't be used (${error.message}); both must be PEM and belong together`,
      { cause: error },
    );
  }
}

function describe(error: NodeJS.ErrnoException): string {
  // The library runs into those where the file is TOML of another form.
  if (error instanceof TypeError)
    return 'Temporal: temporal.toml names no profile; it needs [profile.default], or the one that TEMPORAL_PROFILE names';
  const { code, path, message } = error;
  return code === undefined || path === undefined
    ? `Temporal: ${message.split('\n', 1)[0]}; see temporal.toml and TEMPORAL_*`
    : `Temporal: ${path} can't be read (${code}); temporal.toml and TEMPORAL_* name it`;
}
