import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isRoot } from '../../../lab/tools/debian.ts';
import { ensureTools, ToolMissingError } from '../../../lab/tools/index.ts';

/** Why the stack can't be run in namespaces on this machine, if it can't. */
export async function findObstacle(): Promise<string | undefined> {
  if (!isRoot()) return 'it takes root';
  try {
    await promisify(execFile)('unshare', ['--net', '--mount', 'ip', 'link', 'add', 'try', 'type', 'bridge']);
    await ensureTools(['busybox', 'nc.traditional']);
    return undefined;
  } catch (error) {
    if (error instanceof ToolMissingError || error instanceof AggregateError) return error.message;
    if (error instanceof Error && 'stderr' in error) return String(error.stderr).trim() || error.message;
    throw error;
  }
}
