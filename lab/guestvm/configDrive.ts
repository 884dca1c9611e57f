import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runCommand } from '../tools/command.ts';
import { ensureDebianProgram } from '../tools/debianProgram.ts';
import type { Log } from '../tools/tool.ts';

const GENISOIMAGE = { name: 'genisoimage', version: '9:1.1.11' };

/** What Nova tells a server about itself. */
export interface ConfigDrive {
  readonly name: string;
  readonly uuid: string;
  /** As the API takes it: base64. */
  readonly userData: string;
  readonly macAddress: string;
  /** A line as in authorized_keys; none for a server without a key pair. */
  readonly publicKey?: string;
}

/**
 * Writes a config drive as Nova attaches it, into a folder of its own below `dir`, and gives its path.
 * See https://docs.openstack.org/nova/latest/user/metadata.html
 */
export async function makeConfigDrive(
  dir: string,
  drive: ConfigDrive,
  log: Log = () => undefined,
): Promise<string> {
  const genisoimage = await ensureDebianProgram(GENISOIMAGE, log);
  const latest = join(dir, 'config-drive', 'openstack', 'latest');
  const iso = join(dir, 'config-drive.iso');
  await mkdir(latest, { recursive: true });
  await writeFile(join(latest, 'meta_data.json'), JSON.stringify(renderMetadata(drive)));
  await writeFile(join(latest, 'network_data.json'), JSON.stringify(renderNetwork(drive)));
  await writeFile(join(latest, 'user_data'), Buffer.from(drive.userData, 'base64'));
  // cloud-init finds it by this label.
  await runCommand(genisoimage, [
    '-quiet',
    '-V',
    'config-2',
    '-R',
    '-J',
    '-o',
    iso,
    join(dir, 'config-drive'),
  ]);
  return iso;
}

function renderMetadata({ name, uuid, publicKey }: ConfigDrive) {
  const keys = publicKey === undefined ? {} : { public_keys: { probe: publicKey } };
  return { uuid, name, hostname: name, availability_zone: 'nova', launch_index: 0, meta: {}, ...keys };
}

function renderNetwork({ macAddress }: ConfigDrive) {
  const link = { id: 'tap0', type: 'ovs', mtu: 1500, ethernet_mac_address: macAddress };
  const network = { id: 'network0', type: 'ipv4_dhcp', link: link.id, network_id: 'network0' };
  return { links: [link], networks: [network], services: [] };
}
