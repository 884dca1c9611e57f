import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from '../../../lab/tools/command.ts';

/** A key pair of an operator who looks into a probe. */
export interface OperatorKey extends AsyncDisposable {
  readonly publicKey: string;
  /** Runs a command as the probe's user; `port` leads to its sshd. */
  run(port: number, command: string): Promise<string>;
}

/** Makes a key pair that ends with the test. */
export async function makeOperatorKey(): Promise<OperatorKey> {
  const dir = await mkdtemp(join(tmpdir(), 'innervisor-key-'));
  const key = join(dir, 'key');
  await runCommand('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'operator', '-f', key]);
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=accept-new', `UserKnownHostsFile=${dir}/known`];
  return {
    publicKey: (await readFile(`${key}.pub`, 'utf8')).trim(),
    run: (port, command) =>
      runCommand('ssh', [
        ...['-F', 'none', '-i', key, '-p', String(port)],
        ...options.flatMap((option) => ['-o', option]),
        'debian@127.0.0.1',
        command,
      ]),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
