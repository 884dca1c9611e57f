import type { Drift, DriftContext } from './drift.ts';

/** Being deleted by somebody: a later pass makes the new one, so that there are never two. */
export function deleting({ probe }: DriftContext): Drift | undefined {
  if (probe.phase !== 'deleting') return undefined;
  return { remedy: 'wait', reason: { code: 'deleting', text: 'Nova is deleting it' } };
}
