import { createPublicKey, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';

import { UserDataError, type GuestFile } from './cloudConfig.ts';

/** Where the agent finds its settings. */
export const SETTINGS_PATH = '/etc/innervisor/probe.json';

const Settings = z.object({
  installation: z.string().min(1),
  region: z.string().min(1),
  probe_id: z.string().min(1),
  availability_zone: z.string(),
  peers_url: z.url({ protocol: /^https?$/ }),
  peers_public_key: z.string().min(1),
  peers_max: z.int().nonnegative(),
  watchers: z.int().nonnegative(),
  peer_networks: z.array(z.union([z.cidrv4(), z.cidrv6()])),
  agent_interval_seconds: z.number().positive(),
  public_targets: z.array(z.string().refine((address) => isIP(address) !== 0, 'not an IP address')),
  storage_class: z.string().min(1),
  exporter_port: z.int().min(1).max(65_535),
  version: z.string(),
});

/** What the agent was told about itself, with its key ready for use. */
export interface AgentSettings {
  readonly installation: string;
  readonly region: string;
  readonly probeId: string;
  /** Where its server was made; `null` where Nova told none. */
  readonly availabilityZone: string | null;
  readonly peersUrl: string;
  readonly peersPublicKey: KeyObject;
  readonly peersMax: number;
  readonly watchers: number;
  /** Networks that peers may have addresses in; none means all. */
  readonly peerNetworks: readonly string[];
  readonly intervalSeconds: number;
  readonly publicTargets: readonly string[];
  readonly storageClass: string;
  readonly exporterPort: number;
  /** Of the files that cloud-init brought. */
  readonly version: string;
}

/**
 * Reads the agent's settings from the files that cloud-init left.
 *
 * @throws UserDataError when there are none, or an agent can't work with them.
 */
export function readSettings(files: readonly GuestFile[]): AgentSettings {
  const file = files.find(({ path }) => path === SETTINGS_PATH);
  if (file === undefined) throw new UserDataError(`the user-data writes no ${SETTINGS_PATH}`);
  const parsed = Settings.safeParse(parseJson(file.content));
  if (!parsed.success) throw new UserDataError(`${SETTINGS_PATH}: ${z.prettifyError(parsed.error)}`);
  const { data } = parsed;
  return {
    installation: data.installation,
    region: data.region,
    probeId: data.probe_id,
    availabilityZone: data.availability_zone || null,
    peersUrl: data.peers_url,
    peersPublicKey: readKey(data.peers_public_key),
    peersMax: data.peers_max,
    watchers: data.watchers,
    peerNetworks: data.peer_networks,
    intervalSeconds: data.agent_interval_seconds,
    publicTargets: data.public_targets,
    storageClass: data.storage_class,
    exporterPort: data.exporter_port,
    version: data.version,
  };
}

function readKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw new UserDataError(`${SETTINGS_PATH}: peers_public_key is no public key`, { cause });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new UserDataError(`${SETTINGS_PATH}: peers_public_key is not an Ed25519 key`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserDataError(`${SETTINGS_PATH} is no JSON`, { cause });
  }
}
