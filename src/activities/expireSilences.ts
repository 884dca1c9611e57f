import type { ArtifactRef } from '../domain/pass.ts';
import { isBroken, type Plan } from '../domain/plan.ts';
import type { Probe } from '../domain/probe.ts';
import { getArtifact } from './artifacts.ts';
import { judgeProbe } from './awaitProbes.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { observeProbes } from './observe.ts';
import { listOwnSilences } from './ownSilences.ts';
import { askReplicas } from './publication/replicas.ts';
import { releaseSilences } from './silences.ts';

/** How many silences were ended or shortened. */
export interface ExpiredSilences {
  readonly changed: number;
  /** Silences of ours that are still in force; older workers leave it out. */
  readonly left?: number;
}

/**
 * Ends silences that have no purpose any more: over probes that exist (what the silence was for didn't
 * happen), and over probes that are gone and have no series left in the longest range that a rule looks at.
 */
export async function expireSilences(
  deps: StepDeps,
  input: PassInput & {
    /** A plan in which probes go first: where the new one doesn't stand, its hypervisor really is unmonitored. */
    readonly broken?: ArtifactRef;
  },
  signal: AbortSignal,
): Promise<ExpiredSilences> {
  const silenced = new Set((await listOwnSilences(deps, signal)).flatMap(({ probeIds }) => probeIds));
  if (silenced.size === 0) return { changed: 0, left: 0 };
  const probes = await observeProbes(deps, signal);
  const living = new Set(
    probes
      .filter(({ phase }) => phase !== 'deleting' && phase !== 'softDeleted')
      .map(({ probeId }) => probeId),
  );
  const unreplaced = await listUnreplaced(deps, input.broken, probes);
  const alertable = await listAlertable(deps, silenced, signal);
  const isReleased = (probeId: string): boolean =>
    living.has(probeId) || unreplaced.has(probeId) || !alertable.has(probeId);
  return await releaseSilences(deps, isReleased, signal);
}

/** Of these probes, those about which a rule at any Prometheus that answers can still alert. */
async function listAlertable(
  deps: StepDeps,
  probeIds: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string | undefined>> {
  const pattern = JSON.stringify([...probeIds].toSorted().join('|'));
  // A rule over a range still sees a series that has ended, so the series must have left the longest range.
  const range = `[${Math.max(1, deps.silence.rulesRangeSeconds)}s]`;
  const { replicas } = deps.publication;
  const { answers } = await askReplicas(
    { replicas, required: 'any' },
    signal,
    async ({ prometheus }, abort) =>
      Promise.all(
        (['probe_id', 'peer_id'] as const).map(async (label) => {
          const query = `count by (${label}) (last_over_time({${label}=~${pattern}}${range}))`;
          return (await prometheus.queryInstant(query, abort)).map(({ labels }) => labels[label]);
        }),
      ),
  );
  return new Set(answers.flatMap(({ value }) => value.flat()));
}

async function listUnreplaced(
  deps: StepDeps,
  ref: ArtifactRef | undefined,
  probes: readonly Probe[],
): Promise<ReadonlySet<string>> {
  if (ref === undefined) return new Set();
  const { entries } = await getArtifact<Plan>(deps, ref);
  return new Set(
    entries
      .filter(isBroken)
      .filter(({ create }) => judgeProbe(create, probes, true) !== 'standing')
      .map(({ probe }) => probe.probeId),
  );
}
