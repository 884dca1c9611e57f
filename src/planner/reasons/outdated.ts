import type { Drift, DriftContext } from './drift.ts';

/** Made from another image, flavor, network or configuration than the present one. */
export function outdated({ probe, revision }: DriftContext): Drift | undefined {
  if (probe.revision === revision) return undefined;
  return {
    remedy: 'replace',
    reason: { code: 'outdated', text: `revision ${probe.revision || 'unknown'}, now ${revision}` },
  };
}
