import type { PassInput, StepDeps } from './deps.ts';
import { observeProbes } from './observe.ts';
import { listOwnSilences, releaseSilences } from './silences.ts';

/**
 * Ends silences that have no purpose any more: over probes that exist (what the silence was for didn't
 * happen), and over probes that are gone and have no series left in the longest range that a rule looks at.
 */
export async function expireSilences(
  deps: StepDeps,
  _input: PassInput,
  signal: AbortSignal,
): Promise<{ readonly changed: number }> {
  const silenced = new Set((await listOwnSilences(deps, signal)).flatMap(({ probeIds }) => probeIds));
  if (silenced.size === 0) return { changed: 0 };
  const living = new Set(
    (await observeProbes(deps, signal))
      .filter(({ phase }) => phase !== 'deleting')
      .map(({ probeId }) => probeId),
  );
  const pattern = JSON.stringify([...silenced].toSorted().join('|'));
  // A rule over a range still sees a series that has ended, so the series must have left the longest range.
  const range = `[${Math.max(1, deps.silence.rulesRangeSeconds)}s]`;
  const [own, aboutThem] = await Promise.all([
    deps.prometheus.queryInstant(
      `count by (probe_id) (last_over_time({probe_id=~${pattern}}${range}))`,
      signal,
    ),
    deps.prometheus.queryInstant(
      `count by (peer_id) (last_over_time({peer_id=~${pattern}}${range}))`,
      signal,
    ),
  ]);
  const alertable = new Set([
    ...own.map(({ labels }) => labels['probe_id']),
    ...aboutThem.map(({ labels }) => labels['peer_id']),
  ]);
  const isReleased = (probeId: string): boolean => living.has(probeId) || !alertable.has(probeId);
  return { changed: await releaseSilences(deps, isReleased, signal) };
}
