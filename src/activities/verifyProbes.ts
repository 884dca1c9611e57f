import { setTimeout as delay } from 'node:timers/promises';
import type { HypervisorFailure } from '../domain/failure.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import { measureBoot, slowestFirst, type Boot } from '../domain/boot.ts';
import { plannedProbes, type Plan } from '../domain/plan.ts';
import type { NewProbe } from '../domain/probe.ts';
import type { TargetGroup } from '../domain/target.ts';
import type { CheckResult, CheckStatus } from '../domain/verification.ts';
import { getArtifact, putArtifact } from './artifacts.ts';
import { describeWait, type PassInput, type StepDeps } from './deps.ts';
import { observeProbes } from './observe.ts';

const FAILED_MAX = 50;
const SLOWEST_MAX = 5;

/** The series that each exporter must have; without it the exporter runs but measures nothing. */
const SERIES: Readonly<Record<string, string>> = {
  node: 'node_cpu_seconds_total',
  ping: 'innervisor_ping_up',
};

/** What the last step of a pass found. */
export interface Verified {
  readonly verified: number;
  readonly failed: number;
  readonly pending: number;
  readonly failedChecks: readonly CheckResult[];
  /** How long the probes of this pass took to come up, by reference; `null` when it made none. */
  readonly boots: ArtifactRef | null;
  /** The slowest of them, slowest first. */
  readonly slowestBoots: readonly Boot[];
}

/** Step 10: asks Prometheus about every published probe, and gives new ones time to boot. */
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
  const down = new Set(inventory.hypervisors.filter(({ up }) => !up).map(({ hostname }) => hostname));
  const pullMs = 2 * deps.probe.agentIntervalSeconds * 1000;
  const isNew = (): boolean => deps.now() - input.publishedMs < pullMs;
  for (;;) {
    const results = (await checkProbes(deps, groups, input.generation, isNew(), signal)).map((result) =>
      result.status === 'failed' && down.has(result.hypervisor)
        ? { ...result, status: 'skipped' as const, detail: `hypervisor is down; ${result.detail}` }
        : result,
    );
    const waiting = results.filter(({ status, probeId }) => status === 'failed' && fresh.has(probeId));
    if (waiting.length === 0 || deps.now() - input.sinceMs >= deps.wait.verifyMs)
      return { ...summarise(results), ...(await recordBoots(deps, fresh, signal)) };
    const hosts = [...new Set(waiting.map(({ hypervisor }) => hypervisor))];
    deps.tell(describeWait(`${fresh.size - hosts.length} of ${fresh.size} new probes answer`, hosts));
    await delay(deps.wait.verifyPollMs, undefined, { signal });
  }
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

/** Which successors answer, by reference, how many, and what is to be said of the others. */
export interface ProvenReplacements {
  readonly proof: ArtifactRef;
  readonly proven: number;
  readonly failures: readonly HypervisorFailure[];
}

function unanswered({ hypervisor, probeId }: NewProbe): HypervisorFailure {
  const message =
    'stands, but its exporters don’t answer to Prometheus; the probe that it was to replace stays';
  return { hypervisor, probeId, step: 'answer', kind: 'timeout', message };
}

/** Waits until the successors of replaced probes answer, and stores the ids of those that do. */
export async function proveReplacements(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef; readonly targets: ArtifactRef; readonly sinceMs: number },
  signal: AbortSignal,
): Promise<ProvenReplacements> {
  const [plan, groups] = await Promise.all([
    getArtifact<Plan>(deps, input.plan),
    getArtifact<readonly TargetGroup[]>(deps, input.targets),
  ]);
  const successors = new Set(
    plan.entries.flatMap((entry) => (entry.action === 'replace' ? [entry.create.probeId] : [])),
  );
  const watched = groups.filter(({ labels }) => successors.has(labels['probe_id'] ?? ''));
  for (;;) {
    const results = await checkProbes(deps, watched, 0, true, signal);
    const bad = new Set(results.filter(({ status }) => status === 'failed').map(({ probeId }) => probeId));
    const standing = new Set(watched.map(({ labels }) => labels['probe_id'] ?? ''));
    if (bad.size === 0 || deps.now() - input.sinceMs >= deps.wait.verifyMs) {
      const proven = [...standing].filter((probeId) => !bad.has(probeId)).toSorted();
      const proof = await putArtifact(deps, 'proof', { proven, unproven: [...bad].toSorted() });
      const failures = plannedProbes(plan)
        .filter(({ probeId }) => bad.has(probeId))
        .map(unanswered);
      return { proof, proven: proven.length, failures };
    }
    deps.tell(`${standing.size - bad.size} of ${standing.size} successors answer`);
    await delay(deps.wait.verifyPollMs, undefined, { signal });
  }
}

async function checkProbes(
  deps: StepDeps,
  groups: readonly TargetGroup[],
  generation: number,
  generationIsNew: boolean,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const selector = `region=${JSON.stringify(deps.region)}`;
  const [up, generations, ...series] = await Promise.all([
    deps.prometheus.queryInstant(`up{${selector},probe_id!=""}`, signal),
    deps.prometheus.queryInstant(`innervisor_agent_peers_generation{${selector}}`, signal),
    ...Object.values(SERIES).map((name) =>
      deps.prometheus.queryInstant(`count by (probe_id) (${name}{${selector}})`, signal),
    ),
  ]);
  const answering = new Set(up.filter(({ value }) => value === 1).map(({ labels }) => targetId(labels)));
  const pulled = new Map(generations.map(({ labels, value }) => [labels['probe_id'] ?? '', value]));
  const exporters = Object.keys(SERIES);
  const measuring = series.map((samples) => new Set(samples.map(({ labels }) => labels['probe_id'] ?? '')));
  return groups.flatMap(({ labels }) => {
    const probeId = labels['probe_id'] ?? '';
    const exporter = labels['exporter'] ?? '';
    const base = { probeId, hypervisor: labels['hypervisor'] ?? '' };
    const index = exporters.indexOf(exporter);
    const results: CheckResult[] = [
      answering.has(targetId(labels))
        ? { ...base, check: 'scraped', status: 'ok', detail: exporter }
        : {
            ...base,
            check: 'scraped',
            status: 'failed',
            detail: `Prometheus gets no answer from its ${exporter} exporter`,
          },
    ];
    if (index >= 0) {
      const status: CheckStatus = measuring[index]?.has(probeId) === true ? 'ok' : 'failed';
      results.push({ ...base, check: 'series', status, detail: SERIES[exporter] ?? '' });
    }
    if (exporter === 'ping')
      results.push({
        ...base,
        check: 'peersPulled',
        ...judgePull(pulled.get(probeId), generation, generationIsNew),
      });
    return results;
  });
}

/** An agent pulls in its own time: a generation that this pass published is only pending. */
function judgePull(
  pulled: number | undefined,
  generation: number,
  generationIsNew: boolean,
): { readonly status: CheckStatus; readonly detail: string } {
  if (pulled !== undefined && pulled >= generation) return { status: 'ok', detail: `generation ${pulled}` };
  const detail = `has peers generation ${pulled ?? 'none'}, published is ${generation}`;
  return { status: generationIsNew ? 'pending' : 'failed', detail };
}

function targetId(labels: Readonly<Record<string, string>>): string {
  return `${labels['probe_id'] ?? ''}/${labels['exporter'] ?? ''}`;
}

function summarise(results: readonly CheckResult[]): Omit<Verified, 'boots' | 'slowestBoots'> {
  const failed = results.filter(({ status }) => status === 'failed');
  const bad = new Set(
    results.filter(({ status }) => status === 'failed' || status === 'skipped').map(({ probeId }) => probeId),
  );
  return {
    verified: new Set(results.map(({ probeId }) => probeId)).difference(bad).size,
    failed: failed.length,
    pending: results.filter(({ status }) => status === 'pending').length,
    failedChecks: failed.slice(0, FAILED_MAX),
  };
}
