import type { Drift, DriftContext } from './drift.ts';

/**
 * Being deleted by somebody: a later pass makes the new one, so that there are never two. A deletion that doesn't end
 * is asked for again once another probe stands in its place.
 */
export function deleting({
  probe,
  deletingMs,
  nowMs,
}: Pick<DriftContext, 'probe' | 'deletingMs' | 'nowMs'>): Drift | undefined {
  if (probe.phase !== 'deleting') return undefined;
  const ageMs = nowMs - Date.parse(probe.deletingSince ?? '');
  if (!(ageMs >= deletingMs))
    return { remedy: 'wait', reason: { code: 'deleting', text: 'Nova is deleting it' } };
  const text = `stuck in deleting for ${Math.floor(ageMs / 1000)} s (limit ${Math.floor(deletingMs / 1000)} s)`;
  return { remedy: 'replace', reason: { code: 'stuckDeleting', text } };
}
