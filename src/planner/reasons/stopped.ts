import type { Drift, DriftContext } from './drift.ts';

/** Shut off, paused or suspended: it measures nothing. */
export function stopped({ probe }: DriftContext): Drift | undefined {
  if (probe.phase !== 'stopped') return undefined;
  return { remedy: 'replace', reason: { code: 'stopped', text: `not running (${probe.status})` } };
}
