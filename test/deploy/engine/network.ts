import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOwned, type OwnedProcess } from '../../../lab/servers/process.ts';
import { eventually } from '../../support/await.ts';
import { networkNamespaceOf } from './container.ts';

const run = promisify(execFile);
const FIRST_HOST = 2;

/** A bridge of its own, in a namespace, with an address for each name. */
export interface Network extends AsyncDisposable {
  /** With the length of the network's prefix. */
  addressOf(name: string): string;
  /** Names and addresses as a container has them in `/etc/hosts`. */
  readonly hostsFile: string;
  /** Gives a process that has a network namespace of its own an `eth0`. */
  plug(name: string, holder: OwnedProcess): Promise<void>;
}

/** Makes the network. It takes root, touches nothing of this machine's own network and ends with this process. */
export async function makeNetwork(
  folder: string,
  { subnet, range }: { readonly subnet: string; readonly range: string },
  names: readonly string[],
): Promise<Network> {
  const prefix = subnet.split('/')[1] ?? '';
  const base = range.split('/')[0]?.split('.').slice(0, 3).join('.') ?? '';
  const addresses = new Map(names.map((name, index) => [name, `${base}.${FIRST_HOST + index}`]));
  const hostsFile = join(folder, 'hosts');
  const lines = [...addresses].map(([name, address]) => `${address} ${name}\n`);
  // The first two as Docker writes them.
  await writeFile(hostsFile, `127.0.0.1 localhost\n::1 localhost ip6-localhost\n${lines.join('')}`);
  const bridge = await startOwned('unshare', ['--net', 'sleep', 'infinity'], folder);
  await inOwnNamespace(bridge);
  const ip = (...args: readonly string[]) =>
    run('nsenter', ['--target', `${bridge.pid}`, '--net', '--', 'ip', ...args]);
  await ip('link', 'add', 'bridge', 'type', 'bridge');
  await ip('link', 'set', 'bridge', 'up');
  return {
    hostsFile,
    addressOf: (name) => `${addresses.get(name)}/${prefix}`,
    plug: async (name, holder) => {
      // Before that its namespace is the machine's.
      await inOwnNamespace(holder);
      const plug = `plug-${[...addresses.keys()].indexOf(name)}`;
      const end = ['peer', 'name', 'eth0', 'netns', `${holder.pid}`];
      await ip('link', 'add', plug, 'type', 'veth', ...end);
      await ip('link', 'set', plug, 'master', 'bridge', 'up');
    },
    [Symbol.asyncDispose]: () => bridge.kill(),
  };
}

async function inOwnNamespace({ pid }: OwnedProcess): Promise<void> {
  const ours = await networkNamespaceOf('self');
  await eventually(async () => (await networkNamespaceOf(pid)) !== ours, {
    describe: `process ${pid} to have a network namespace of its own`,
  });
}
