import type { Drift, DriftContext } from './drift.ts';

/** In ERROR, with Nova's fault where it gives one. */
export function error({ probe }: DriftContext): Drift | undefined {
  if (probe.phase !== 'error') return undefined;
  const text = probe.fault === null ? 'in ERROR' : `in ERROR: ${probe.fault}`;
  return { remedy: 'replace', reason: { code: 'error', text } };
}
