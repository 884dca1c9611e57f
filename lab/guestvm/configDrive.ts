import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runCommand } from '../tools/command.ts';

/** What Nova tells a server about itself. */
export interface ConfigDrive {
  readonly name: string;
  readonly uuid: string;
  /** As the API takes it: base64. */
  readonly userData: string;
  readonly ports: readonly ServerPort[];
  /** A line as in authorized_keys; none for a server without a key pair. */
  readonly publicKey?: string;
}

/** A port of a server in one of its networks. */
export interface ServerPort {
  readonly macAddress: string;
  /** `null` where the network has DHCP. */
  readonly fixed: {
    readonly address: string;
    readonly netmask: string;
    /** Where there is one, it leads everywhere. */
    readonly gateway?: string;
    readonly nameServers?: readonly string[];
  } | null;
}

/**
 * Writes a config drive as Nova attaches it, into a folder of its own below `dir`, and gives its path.
 * See https://docs.openstack.org/nova/latest/user/metadata.html
 */
export async function makeConfigDrive(genisoimage: string, dir: string, drive: ConfigDrive): Promise<string> {
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

function renderNetwork({ ports }: ConfigDrive) {
  return {
    links: ports.map(({ macAddress }, index) => ({
      id: `tap${index}`,
      type: 'ovs',
      mtu: 1500,
      ethernet_mac_address: macAddress,
    })),
    networks: ports.map(({ fixed }, index) => {
      const network = { id: `network${index}`, network_id: `network${index}`, link: `tap${index}` };
      if (fixed === null) return { ...network, type: 'ipv4_dhcp' };
      const { address, netmask, gateway } = fixed;
      const routes = gateway === undefined ? [] : [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway }];
      return { ...network, type: 'ipv4', ip_address: address, netmask, routes };
    }),
    services: ports
      .flatMap(({ fixed }) => fixed?.nameServers ?? [])
      .map((address) => ({ type: 'dns', address })),
  };
}
