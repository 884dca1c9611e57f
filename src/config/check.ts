import { loadCloud } from './clouds.ts';
import { ConfigError, type ConfigFinding, ConfigReferenceError } from './error.ts';
import { type KeyPath, renderKeyPath } from './keys.ts';
import { parseLocated, readConfigText } from './load.ts';
import type { PublishConfig } from './publish.ts';
import type { RegionConfig } from './schema.ts';
import { loadPem, loadSigningKey, loadSshKey, readSecretFile } from './secrets.ts';
import { forTaskQueue } from './taskQueue.ts';

/** Something that a region refers to, and the attempt to load it. */
interface Reference {
  readonly path: KeyPath;
  readonly load: (key: string) => Promise<unknown>;
}

/**
 * Checks the file at `path` with all that it refers to: every region's cloud, secret files and signing key, or those of
 * the regions on one task queue. Reads only; nothing is asked over the network.
 * @throws ConfigError with every problem; ConfigReferenceError for a task queue without regions.
 */
export async function checkConfig(path: string, taskQueue?: string): Promise<void> {
  const { config: whole, finding } = parseLocated(await readConfigText(path), path);
  const config = taskQueue === undefined ? whole : forTaskQueue(whole, taskQueue);
  const references = [
    ...Object.entries(config.regions).flatMap(([name, region]) => listReferences(name, region)),
    ...secret(['serviceDiscovery', 'tokenFile'], config.serviceDiscovery.tokenFile),
  ];
  const found = await Promise.all(references.map((reference) => checkReference(reference, finding)));
  const findings = found.filter((one) => one !== null);
  if (findings.length > 0) throw new ConfigError(findings);
}

async function checkReference(
  { path, load }: Reference,
  finding: (path: KeyPath, message: string) => ConfigFinding,
): Promise<ConfigFinding | null> {
  const key = renderKeyPath(path);
  try {
    await load(key);
    return null;
  } catch (error) {
    if (!(error instanceof ConfigReferenceError)) throw error;
    // The finding names the key itself.
    const { message } = error;
    return finding(path, message.startsWith(`${key}: `) ? message.slice(key.length + 2) : message);
  }
}

function listReferences(name: string, region: RegionConfig): readonly Reference[] {
  const { cloud, caFile } = region.openstack;
  const { signingKeyFile, readCaFile } = region.peers;
  return [
    { path: ['openstack', 'cloud'], load: () => loadCloud(cloud) },
    { path: ['peers', 'signingKeyFile'], load: (key: string) => loadSigningKey(signingKeyFile, key) },
    ...pem(['peers', 'readCaFile'], readCaFile),
    ...pem(['openstack', 'caFile'], caFile),
    ...listPublishReferences(['prometheus', 'publish'], region.prometheus.publish),
    ...region.prometheus.replicas.flatMap(({ publish }, index) =>
      publish === undefined
        ? []
        : listPublishReferences(['prometheus', 'replicas', index, 'publish'], publish),
    ),
    ...listHttpReferences('prometheus', region.prometheus),
    ...listHttpReferences('alertmanager', region.alertmanager),
  ].map((reference) => ({ ...reference, path: ['regions', name, ...reference.path] }));
}

function listPublishReferences(path: KeyPath, publish: PublishConfig): readonly Reference[] {
  if (publish.kind !== 'sftp') return [];
  const { privateKeyFile } = publish;
  return [{ path: [...path, 'privateKeyFile'], load: (key) => loadSshKey(privateKeyFile, key) }];
}

function listHttpReferences(
  section: string,
  { auth, tls }: Pick<RegionConfig['prometheus'], 'auth' | 'tls'>,
): readonly Reference[] {
  const basic = auth !== null && 'basic' in auth ? auth.basic.passwordFile : undefined;
  const bearer = auth !== null && 'bearerTokenFile' in auth ? auth.bearerTokenFile : undefined;
  return [
    ...secret([section, 'auth', 'basic', 'passwordFile'], basic),
    ...secret([section, 'auth', 'bearerTokenFile'], bearer),
    ...pem([section, 'tls', 'caFile'], tls.caFile),
    ...pem([section, 'tls', 'certFile'], tls.certFile),
    ...pem([section, 'tls', 'keyFile'], tls.keyFile),
  ];
}

function secret(path: KeyPath, file: string | undefined): readonly Reference[] {
  return file === undefined ? [] : [{ path, load: (key) => readSecretFile(file, key) }];
}

function pem(path: KeyPath, file: string | undefined): readonly Reference[] {
  return file === undefined ? [] : [{ path, load: (key) => loadPem(file, key) }];
}
