import { PrometheusError } from './error.ts';
import { checkTargetGroups, renderTargetGroups, type TargetGroup } from './targetGroup.ts';

/**
 * The groups as the text of a document, after they were checked as Prometheus would; `place` is what errors call it.
 * @throws PrometheusError `badRequest` for groups that Prometheus would refuse.
 */
export function renderTargets(groups: readonly TargetGroup[], place: string): string {
  const empty = groups.findIndex(({ targets }) => targets.length === 0);
  if (empty !== -1) throw unfit(place, `[${empty}].targets: a group without targets`);
  const checked = checkTargetGroups(groups);
  if ('place' in checked) throw unfit(place, `${checked.place}: ${checked.reason}`);
  return renderTargetGroups(groups);
}

/**
 * The groups that the text of a document holds; `place` is what errors call it.
 * @throws PrometheusError `malformedFile` naming what is wrong and where.
 */
export function parseTargets(text: string, place: string): readonly TargetGroup[] {
  const checked = checkTargetGroups(parseJson(text, place));
  if ('place' in checked) throw malformed(place, `${checked.place}: ${checked.reason}`);
  return checked;
}

/** @throws PrometheusError `badRequest` for a file that Prometheus wouldn't take for JSON. */
export function checkFileName(path: string): void {
  if (!path.endsWith('.json')) throw unfit(path, 'the name of the file does not end in .json');
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw malformed(place, error instanceof Error ? error.message : String(error));
  }
}

function unfit(place: string, flaw: string): PrometheusError {
  const message = `cannot publish targets to ${place}: ${flaw}; nothing was written`;
  return new PrometheusError({ code: 'badRequest', effect: 'none', message });
}

function malformed(place: string, reason: string): PrometheusError {
  const message = `${place} is no document of targets: ${reason}; see who else writes it, then correct or remove it`;
  return new PrometheusError({ code: 'malformedFile', effect: 'none', message });
}
