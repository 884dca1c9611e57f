import type { Drift, DriftContext } from './drift.ts';

/** Still being built: a build on a host that has just died never ends by itself, so its age is bounded. */
export function building({
  probe,
  buildMs,
  nowMs,
}: Pick<DriftContext, 'probe' | 'buildMs' | 'nowMs'>): Drift | undefined {
  if (probe.phase !== 'building') return undefined;
  const ageMs = nowMs - Date.parse(probe.createdAt);
  if (ageMs < buildMs) return { remedy: 'wait', reason: { code: 'building', text: 'Nova is building it' } };
  const text = `stuck in BUILD for ${Math.floor(ageMs / 1000)} s (limit ${Math.floor(buildMs / 1000)} s)`;
  return { remedy: 'replace', reason: { code: 'stuckBuilding', text } };
}
