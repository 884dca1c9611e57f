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
  peers_url: z.url({ protocol: /^https?$/ }),
  peers_public_key: z.string().min(1),
  peers_max: z.int().nonnegative(),
  agent_interval_seconds: z.number().positive(),
  public_targets: z.array(z.string().refine((address) => isIP(address) !== 0, 'not an IP address')),
});

/** What the agent was told about itself, with its key ready for use. */
export interface AgentSettings {
  readonly installation: string;
  readonly region: string;
  readonly probeId: string;
  readonly peersUrl: string;
  readonly peersPublicKey: KeyObject;
  readonly peersMax: number;
  readonly intervalSeconds: number;
  readonly publicTargets: readonly string[];
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
    peersUrl: data.peers_url,
    peersPublicKey: readKey(data.peers_public_key),
    peersMax: data.peers_max,
    intervalSeconds: data.agent_interval_seconds,
    publicTargets: data.public_targets,
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
