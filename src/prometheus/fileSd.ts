import { readFile } from 'node:fs/promises';

import { PrometheusError } from './error.ts';
import { replaceFile } from './replaceFile.ts';
import { checkTargetGroups, renderTargetGroups, type TargetGroup } from './targetGroup.ts';

/**
 * Makes a service discovery file hold exactly these groups; no groups is a file that says `[]`. Readers see the old
 * document or the new one, whole. The name must end in `.json`, by which Prometheus chooses its parser.
 * @throws PrometheusError `badRequest` for groups that Prometheus would refuse (nothing is touched), `writeFailed`.
 */
export async function writeTargetGroups(
  path: string,
  groups: readonly TargetGroup[],
): Promise<'written' | 'unchanged'> {
  const flaw = findFlaw(path, groups);
  if (flaw !== undefined) {
    throw new PrometheusError({
      code: 'badRequest',
      effect: 'none',
      message: `cannot publish targets to ${path}: ${flaw}; nothing was written`,
    });
  }
  const text = renderTargetGroups(groups);
  if ((await readText(path)) === text) return 'unchanged';
  await replaceFile(path, text);
  return 'written';
}

function findFlaw(path: string, groups: readonly TargetGroup[]): string | undefined {
  if (!path.endsWith('.json')) return 'the name of the file does not end in .json';
  const empty = groups.findIndex(({ targets }) => targets.length === 0);
  if (empty !== -1) return `[${empty}].targets: a group without targets`;
  const checked = checkTargetGroups(groups);
  return 'place' in checked ? `${checked.place}: ${checked.reason}` : undefined;
}

/**
 * The groups that a service discovery file holds, or `undefined` if there is no such file.
 * @throws PrometheusError `malformedFile` naming the place, or `unavailable` if it can't be read.
 */
export async function readTargetGroups(path: string): Promise<readonly TargetGroup[] | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const checked = checkTargetGroups(parseText(path, text));
  if ('place' in checked) throw malformedFile(path, `${checked.place}: ${checked.reason}`);
  return checked;
}

function parseText(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw malformedFile(path, error instanceof Error ? error.message : String(error));
  }
}

function malformedFile(path: string, reason: string): PrometheusError {
  return new PrometheusError({
    code: 'malformedFile',
    effect: 'none',
    message: `${path} is no document of targets: ${reason}; see who else writes it, then correct or remove it`,
  });
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
