import { access, constants, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { PrometheusError } from './error.ts';
import { removeFile, replaceFile } from './replaceFile.ts';
import type { TargetGroup } from './targetGroup.ts';
import { checkFileName, parseTargets, renderTargets } from './targetsText.ts';

/**
 * Makes a service discovery file hold exactly these groups; no groups is a file that says `[]`. Readers see the old
 * document or the new one, whole. The name must end in `.json`, by which Prometheus chooses its parser.
 * @throws PrometheusError `badRequest` for groups that Prometheus would refuse (nothing is touched), `writeFailed`.
 */
export async function writeTargetGroups(
  path: string,
  groups: readonly TargetGroup[],
): Promise<'written' | 'unchanged'> {
  checkFileName(path);
  const text = renderTargets(groups, path);
  if ((await readText(path)) === text) return 'unchanged';
  await replaceFile(path, text);
  return 'written';
}

/**
 * Removes a service discovery file; an absent one is a success. Prometheus keeps the targets of a file that vanishes, so
 * it must have seen the file without any before.
 * @throws PrometheusError `writeFailed`.
 */
export async function removeTargetGroups(path: string): Promise<void> {
  await removeFile(path);
}

/**
 * The groups that a service discovery file holds, or `undefined` if there is no such file.
 * @throws PrometheusError `malformedFile` naming the place, or `unavailable` if it can't be read.
 */
export async function readTargetGroups(path: string): Promise<readonly TargetGroup[] | undefined> {
  const text = await readText(path);
  return text === undefined ? undefined : parseTargets(text, path);
}

/**
 * Makes sure that a service discovery file can be replaced here, before anything depends on it.
 * @throws PrometheusError `writeFailed` naming the file.
 */
export async function checkTargetsFolder(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new PrometheusError({
      code: 'writeFailed',
      effect: 'none',
      message: `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}; make the directory, and let the worker write there`,
    });
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new PrometheusError({
      code: 'unavailable',
      effect: 'none',
      message: `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}; check its permissions`,
    });
  }
}
