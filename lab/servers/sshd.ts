import { connect } from 'node:net';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { ensureTools } from '../tools/ensureTools.ts';
import { launch, type Placement, type RunningServer } from './launch.ts';
import { createSshKey, type SshKey } from './sshKey.ts';

const ATTEMPT_TIMEOUT_MS = 1_000;
const GREETING = 'SSH-2.0-';
const CONFIG = 'sshd_config';

/** An OpenSSH server that takes files by SFTP, for this user and one key. */
export interface SshServer extends RunningServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The key that lets the user in. */
  readonly userKey: SshKey;
  readonly hostKey: SshKey;
  /** Ends every connection at once, as a host that dies does, and goes on serving new ones. */
  readonly dropConnections: () => Promise<void>;
}

/** Starts sshd by hand on a high loopback port, as root or as an ordinary user. */
export async function startSshd(placement: Placement = {}): Promise<SshServer> {
  const { sshd } = await ensureTools(['sshd']);
  const { username: user, uid } = userInfo();
  const [userKey, hostKey] = [createSshKey(), createSshKey()];
  // As root it insists on this folder, which only the package's own start script makes.
  if (uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const server = await launch({
    name: 'sshd',
    binary: sshd,
    portsCount: 1,
    placement,
    prepare: async (dir, [port]) => {
      const file = (name: string): string => join(dir, name);
      await writeFile(file('host_key'), hostKey.privateKey, { mode: 0o600 });
      await writeFile(file('authorized_keys'), `${userKey.publicKey}\n`, { mode: 0o600 });
      await writeFile(file(CONFIG), renderConfig(dir, port ?? 0, user));
      return ['-D', '-e', '-f', file(CONFIG)];
    },
    isReady: ([port]) => greets(port ?? 0),
  });
  const { ports, ...rest } = server;
  const endSessions = async (): Promise<void> => {
    for (const pid of await listSessions(server.dir)) endAtOnce(pid);
  };
  const stop = async (): Promise<void> => {
    await endSessions();
    await server.stop();
  };
  return {
    ...rest,
    host: '127.0.0.1',
    port: ports[0] ?? 0,
    user,
    userKey,
    hostKey,
    dropConnections: endSessions,
    crash: async () => {
      // The sessions are processes of their own, which outlive the one that listens.
      const sessions = await listSessions(server.dir);
      await server.crash();
      sessions.forEach(endAtOnce);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function renderConfig(dir: string, port: number, user: string): string {
  const settings: Readonly<Record<string, string | number>> = {
    ListenAddress: `127.0.0.1:${port}`,
    HostKey: join(dir, 'host_key'),
    AuthorizedKeysFile: join(dir, 'authorized_keys'),
    AllowUsers: user,
    PermitRootLogin: 'prohibit-password',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    UsePAM: 'no',
    // The folder stands below one that everybody may write to.
    StrictModes: 'no',
    PidFile: 'none',
    MaxStartups: 100,
    Subsystem: 'sftp internal-sftp',
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key} ${value}\n`)
    .join('');
}

/** Whether an SSH server greets at this port. */
async function greets(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.setTimeout(ATTEMPT_TIMEOUT_MS, () => socket.destroy());
  try {
    for await (const chunk of socket) return String(chunk).startsWith(GREETING);
    return false;
  } catch {
    // Refused and reset both mean: not yet.
    return false;
  } finally {
    socket.destroy();
  }
}

/** The processes that the server of this folder has forked, one or two for each connection. */
async function listSessions(dir: string): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    // One that has ended meanwhile has no files any more.
    const read = (file: string): Promise<string> =>
      readFile(join('/proc', name, file), 'utf8').catch(() => '');
    const parent = /^PPid:\s*([0-9]+)$/m.exec(await read('status'))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
    // A session has another title, so that only the one that listens names its configuration.
    if ((await read('cmdline')).includes(join(dir, CONFIG))) found.push(Number(name));
  }
  const listening = found.length;
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found.slice(listening);
}

function endAtOnce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
