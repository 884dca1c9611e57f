import { execFile } from 'node:child_process';
import { mkdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOwned, type OwnedProcess } from '../../../lab/servers/process.ts';
import { eventually } from '../../support/await.ts';
import type { Network } from './network.ts';

const SETUP = join(import.meta.dirname, 'container.sh');
const SETUP_TIMEOUT_MS = 30_000;
const COMMAND_TIMEOUT_MS = 240_000;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A file or folder of this machine in a container. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** What a container is made of. */
export interface ContainerOptions {
  readonly name: string;
  /** Folder for what it needs on this machine. */
  readonly folder: string;
  readonly mounts: readonly Mount[];
  readonly environment: Readonly<Record<string, string>>;
  /** Numbers of user and group. */
  readonly user: string;
  /** Names without `CAP_`, in lower case. */
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly readOnly: boolean;
  readonly workdir: string;
  /** What the image's own build does inside, as root. */
  readonly setup: string;
}

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Namespaces, a root and rights as Docker gives them; nothing runs there by itself. */
export interface Container extends AsyncDisposable {
  /** Starts the one process that a container is for. */
  start(command: readonly string[]): Promise<OwnedProcess>;
  /** Runs a command to its end, as `docker compose exec` does. */
  exec(...command: readonly string[]): Promise<Ended>;
}

/** Makes a container that is connected to a network. It takes root, and ends with this process. */
export async function makeContainer(network: Network, options: ContainerOptions): Promise<Container> {
  const { name, folder, mounts, readOnly, setup, workdir } = options;
  const root = join(folder, 'root');
  await mkdir(root, { recursive: true });
  const hosts = { source: network.hostsFile, target: '/etc/hosts', readOnly: true };
  const all = [hosts, ...mounts].flatMap((one) => [one.source, one.target, one.readOnly ? 'ro' : 'rw']);
  const inside = [root, name, network.addressOf(name), workdir, setup, readOnly ? 'ro' : 'rw', ...all];
  const holder = await startOwned(
    'unshare',
    ['--net', '--mount', '--uts', 'setpriv', '--pdeathsig', 'KILL', 'sh', SETUP, ...inside],
    folder,
  );
  try {
    await network.plug(name, holder);
    await eventually(() => isMade(holder, name), {
      timeoutMs: SETUP_TIMEOUT_MS,
      describe: `the container ${name} to be made`,
    });
  } catch (error) {
    await holder.kill();
    throw new Error(`${name}: ${holder.lastOutput()}`, { cause: error });
  }
  const processes: OwnedProcess[] = [];
  return {
    start: async (command) => {
      const place = join(folder, `process-${processes.length}`);
      await mkdir(place);
      const started = await startOwned('nsenter', enter(holder.pid, options, command), place);
      processes.push(started);
      return started;
    },
    exec: (...command) => runToEnd('nsenter', enter(holder.pid, options, command)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(processes.map((one) => one.stop()));
      await holder.kill();
    },
  };
}

/** Once the script has become what waits. */
async function isMade(holder: OwnedProcess, name: string): Promise<boolean> {
  if (!holder.isAlive()) throw new Error(`what holds ${name} has ended`);
  return (await readFile(`/proc/${holder.pid}/comm`, 'utf8')).trim() === 'sleep';
}

function enter(
  pid: number,
  { capabilities, environment, noNewPrivileges, user, workdir }: ContainerOptions,
  command: readonly string[],
): string[] {
  const [uid = '', gid = ''] = user.split(':');
  const bounds = ['-all', ...capabilities.map((one) => `+${one}`)].join(',');
  const own = { PATH, HOME: '/', ...environment };
  return [
    ...['--target', `${pid}`, '--net', '--mount', '--uts', '--root', '--'],
    ...['env', '-i', `--chdir=${workdir}`, ...Object.entries(own).map(([name, value]) => `${name}=${value}`)],
    // Last, since a change of the user makes the kernel forget it.
    ...['setpriv', '--reuid', uid, '--regid', gid, '--clear-groups', '--inh-caps', '-all'],
    ...['--bounding-set', bounds, ...(noNewPrivileges ? ['--no-new-privs'] : []), '--pdeathsig', 'KILL'],
    ...command,
  ];
}

async function runToEnd(file: string, args: readonly string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await promisify(execFile)(file, args, { timeout: COMMAND_TIMEOUT_MS });
    return { code: 0, stdout, stderr };
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'code' in error)) throw error;
    const { code, stdout, stderr } = error as Error & { code: unknown; stdout: string; stderr: string };
    return { code: typeof code === 'number' ? code : -1, stdout, stderr };
  }
}

/** Which network namespace a process is in. */
export function networkNamespaceOf(pid: number | 'self'): Promise<string> {
  return readlink(`/proc/${pid}/ns/net`);
}
