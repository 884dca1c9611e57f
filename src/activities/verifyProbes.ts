import { setTimeout as delay } from 'node:timers/promises';
import type { Inventory } from '../domain/inventory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import { measureBoot, slowestFirst, type Boot } from '../domain/boot.ts';
import { plannedProbes, type Plan } from '../domain/plan.ts';
import type { TargetGroup } from '../domain/target.ts';
import { getArtifact, putArtifact } from './artifacts.ts';
import { readConsolesOf } from './consoles.ts';
import { describeWait, type PassInput, type StepDeps } from './deps.ts';
import { countMissing, judgeProbes, summarise, type Judgement } from './judgeProbes.ts';
import { observeProbes } from './observe.ts';

const SLOWEST_MAX = 5;

/** What the last step of a pass found. */
export interface Verified extends Judgement {
  /** How long the probes of this pass took to come up, by reference; `null` when it made none. */
  readonly boots: ArtifactRef | null;
  /** The slowest of them, slowest first. */
  readonly slowestBoots: readonly Boot[];
}

/** Step 10: asks Prometheus about every published probe, and gives new ones, and those that were rebooted, time to boot. */
export async function verifyProbes(
  deps: StepDeps,
  input: PassInput & {
    readonly plan: ArtifactRef;
    readonly inventory: ArtifactRef;
    readonly targets: ArtifactRef;
    readonly generation: number;
    readonly publishedMs: number;
    readonly sinceMs: number;
  },
  signal: AbortSignal,
): Promise<Verified> {
  const [plan, inventory, groups] = await Promise.all([
    getArtifact<Plan>(deps, input.plan),
    getArtifact<Inventory>(deps, input.inventory),
    getArtifact<readonly TargetGroup[]>(deps, input.targets),
  ]);
  const fresh = new Set(plannedProbes(plan).map(({ probeId }) => probeId));
  const booting = fresh.union(listRebooted(plan)).union(listUnseen(inventory, groups));
  for (;;) {
    const results = await judgeProbes(deps, inventory, groups, input, signal);
    const waiting = results.filter(({ status, probeId }) => status === 'failed' && booting.has(probeId));
    if (waiting.length === 0 || deps.passedMs(input.sinceMs) >= deps.wait.verifyMs)
      return {
        ...(await addConsoles(deps, summarise(results, countMissing(plan, groups)), booting, signal)),
        ...(await recordBoots(deps, fresh, signal)),
      };
    const hosts = [...new Set(waiting.map(({ hypervisor }) => hypervisor))];
    deps.tell(describeWait(`${booting.size - hosts.length} of ${booting.size} new probes answer`, hosts));
    await delay(deps.wait.verifyPollMs, undefined, { signal });
  }
}

/** Also those that an interrupted pass has made: nobody has scraped them before this pass published them. */
function listUnseen({ published }: Inventory, groups: readonly TargetGroup[]): ReadonlySet<string> {
  const known = new Set(published.map(({ probe_id }) => probe_id));
  return new Set(groups.map(({ labels }) => labels['probe_id'] ?? '')).difference(known);
}

function listRebooted({ entries }: Plan): ReadonlySet<string> {
  return new Set(entries.flatMap((entry) => (entry.action === 'reboot' ? [entry.probe.probeId] : [])));
}

async function recordBoots(
  deps: StepDeps,
  fresh: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Pick<Verified, 'boots' | 'slowestBoots'>> {
  const probes =
    fresh.size === 0
      ? []
      : (await observeProbes(deps, signal)).filter(
          ({ probeId, phase }) => fresh.has(probeId) && phase === 'active',
        );
  if (probes.length === 0) return { boots: null, slowestBoots: [] };
  const started = new Map(
    (
      await deps.prometheus.queryInstant(
        `process_start_time_seconds{region=${JSON.stringify(deps.region)},exporter="node"}`,
        signal,
      )
    ).map(({ labels, value }) => [labels['probe_id'] ?? '', value]),
  );
  const boots = probes.map((probe) => measureBoot(probe, started.get(probe.probeId) ?? null));
  return {
    boots: await putArtifact(deps, 'boots', boots),
    slowestBoots: boots.toSorted(slowestFirst).slice(0, SLOWEST_MAX),
  };
}

/** Adds what those printed that should have come up in this pass, once for each. */
async function addConsoles<Summary extends Pick<Verified, 'failedChecks'>>(
  deps: StepDeps,
  summary: Summary,
  booting: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Summary> {
  const failed = new Set(summary.failedChecks.map(({ probeId }) => probeId));
  const left = new Map(await readConsolesOf(deps, failed.intersection(booting), signal));
  const failedChecks = summary.failedChecks.map((result) => {
    const output = left.get(result.probeId);
    left.delete(result.probeId);
    return output === undefined ? result : { ...result, console: output };
  });
  return { ...summary, failedChecks };
}
