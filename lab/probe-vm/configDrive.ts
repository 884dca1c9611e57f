import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from '../tools/command.ts';

/** A network interface of a virtual machine, as Nova tells the guest about it. */
export interface Interface {
  readonly mac: string;
  readonly address: string;
  /** Length of the network's prefix. */
  readonly prefix: number;
  readonly nameserver?: string;
}

/** What a config drive says. */
export interface ConfigDrive {
  readonly uuid: string;
  readonly hostname: string;
  /** In base64, as Nova takes it. */
  readonly userData: string;
  readonly interfaces: readonly Interface[];
  /** A cloud-config of the cloud's own, beside the user's. */
  readonly vendorData?: string;
}

/**
 * Writes the disk that Nova attaches to a server that asks for one.
 * @see https://docs.openstack.org/nova/zed/user/metadata.html#config-drives
 */
export async function writeConfigDrive(path: string, drive: ConfigDrive): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-config-drive-'));
  try {
    const latest = join(folder, 'openstack/latest');
    await mkdir(latest, { recursive: true });
    await writeFile(join(latest, 'meta_data.json'), JSON.stringify(renderMetaData(drive)));
    await writeFile(join(latest, 'network_data.json'), JSON.stringify(renderNetworkData(drive.interfaces)));
    await writeFile(join(latest, 'user_data'), Buffer.from(drive.userData, 'base64'));
    if (drive.vendorData !== undefined) {
      await writeFile(join(latest, 'vendor_data.json'), JSON.stringify({ 'cloud-init': drive.vendorData }));
    }
    await runCommand('genisoimage', ['-quiet', '-o', path, '-V', 'config-2', '-r', '-J', folder]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function renderMetaData({ uuid, hostname }: ConfigDrive): object {
  return { uuid, hostname, name: hostname, availability_zone: 'nova', launch_index: 0, meta: {} };
}

function renderNetworkData(interfaces: readonly Interface[]): object {
  return {
    links: interfaces.map(({ mac }, index) => ({
      id: `link${index}`,
      type: 'ovs',
      mtu: 1500,
      ethernet_mac_address: mac,
    })),
    networks: interfaces.map(({ address, prefix }, index) => ({
      id: `network${index}`,
      type: 'ipv4',
      link: `link${index}`,
      ip_address: address,
      netmask: netmaskOf(prefix),
      routes: [],
    })),
    services: interfaces.flatMap(({ nameserver }) =>
      nameserver === undefined ? [] : [{ type: 'dns', address: nameserver }],
    ),
  };
}

function netmaskOf(prefix: number): string {
  const bits = (0xff_ff_ff_ff << (32 - prefix)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.');
}
