import type { Drift, DriftContext } from './drift.ts';

/** Deleted by somebody, but Nova keeps it with its room until it is reclaimed: it measures nothing any more. */
export function softDeleted({ probe }: DriftContext): Drift | undefined {
  if (probe.phase !== 'softDeleted') return undefined;
  const text = 'deleted, but Nova keeps it with its room (SOFT_DELETED)';
  return { remedy: 'replace', reason: { code: 'softDeleted', text } };
}
