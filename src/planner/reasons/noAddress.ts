import type { Drift, DriftContext } from './drift.ts';

/** Active without an address: neither Prometheus nor its peers can reach it. */
export function noAddress({ probe }: DriftContext): Drift | undefined {
  if (probe.address !== null) return undefined;
  return { remedy: 'replace', reason: { code: 'noAddress', text: 'active without an address' } };
}
