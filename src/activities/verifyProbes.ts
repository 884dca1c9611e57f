import { setTimeout as delay } from 'node:timers/promises';
import type { Inventory } from '../domain/inventory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import { measureBoot, slowestFirst, type Boot } from '../domain/boot.ts';
import { plannedProbes, type Plan, type PlanAction } from '../domain/plan.ts';
import type { TargetGroup } from '../domain/target.ts';
import type { CheckResult, CheckStatus, ProbeCounts } from '../domain/verification.ts';
import { getArtifact, putArtifact } from './artifacts.ts';
import { checkProbes } from './checkProbes.ts';
import { readConsolesOf } from './consoles.ts';
import { describeWait, type PassInput, type StepDeps } from './deps.ts';
import { observeProbes } from './observe.ts';

const FAILED_MAX = 50;
const SLOWEST_MAX = 5;
const WANTED_ACTIONS: ReadonlySet<PlanAction> = new Set(['create', 'replace', 'reboot', 'keep']);

/** What the last step of a pass found. */
export interface Verified {
  readonly verified: number;
  readonly failed: number;
  readonly pending: number;
  /** Older workers leave it out. */
  readonly probes?: ProbeCounts;
  readonly failedChecks: readonly CheckResult[];
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
  const down = new Set(inventory.hypervisors.filter(({ up }) => !up).map(({ hostname }) => hostname));
  const pullMs = 2 * deps.probe.agentIntervalSeconds * 1000;
  const isNew = (): boolean => deps.now() - input.publishedMs < pullMs;
  for (;;) {
    const results = (await checkProbes(deps, groups, input.generation, isNew(), signal)).map((result) =>
      result.status === 'failed' && down.has(result.hypervisor)
        ? { ...result, status: 'skipped' as const, detail: `hypervisor is down; ${result.detail}` }
        : result,
    );
    const waiting = results.filter(({ status, probeId }) => status === 'failed' && booting.has(probeId));
    if (waiting.length === 0 || deps.now() - input.sinceMs >= deps.wait.verifyMs)
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

/** Hypervisors that the plan wants a probe on, whether it makes one or not, and that none is published for. */
function countMissing({ entries }: Plan, groups: readonly TargetGroup[]): number {
  const inPlace = groups.filter(({ labels }) => labels['displaced'] === undefined);
  const published = new Set(inPlace.map(({ labels }) => labels['hypervisor']));
  return entries.filter(
    ({ action, orphan, reason: { code }, hypervisor }) =>
      !orphan &&
      (WANTED_ACTIONS.has(action) || code === 'unplaceable' || code === 'creationPaused') &&
      !published.has(hypervisor),
  ).length;
}

function summarise(
  results: readonly CheckResult[],
  missing: number,
): Omit<Verified, 'boots' | 'slowestBoots'> {
  const failed = results.filter(({ status }) => status === 'failed');
  const probesWith = (status: CheckStatus): ReadonlySet<string> =>
    new Set(results.filter((result) => result.status === status).map(({ probeId }) => probeId));
  const [bad, skipped] = [probesWith('failed'), probesWith('skipped')];
  const verified = new Set(results.map(({ probeId }) => probeId)).difference(bad).difference(skipped).size;
  return {
    verified,
    probes: { verified, failed: bad.size, skipped: skipped.difference(bad).size, missing },
    failed: failed.length,
    pending: results.filter(({ status }) => status === 'pending').length,
    failedChecks: failed.slice(0, FAILED_MAX),
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
