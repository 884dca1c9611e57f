import { setTimeout as delay } from 'node:timers/promises';
import type { HypervisorFailure } from '../domain/failure.ts';
import { plannedProbes, type Plan } from '../domain/plan.ts';
import type { NewProbe, Probe } from '../domain/probe.ts';
import { getArtifact } from './artifacts.ts';
import type { PlannedInput, StepDeps } from './deps.ts';
import { observeProbes } from './observe.ts';

const FAILURES_MAX = 200;
const FAULT_LOOKS_MAX = 3;

/** What came of the new probes once each one stands, has failed or has used up its time. */
export interface AwaitedProbes {
  readonly standing: number;
  /** Of those that stand, the ones that replace nothing. */
  readonly created: number;
  /** Failed in the building, the first 200 of them; half-made servers still have to be removed. */
  readonly failures: readonly HypervisorFailure[];
  readonly failed: number;
}

/** Waits until every new probe is active on its hypervisor with an address. One list call a round, however many. */
export async function awaitProbes(
  deps: StepDeps,
  input: PlannedInput & {
    readonly refused: readonly string[];
    readonly sinceMs: number;
  },
  signal: AbortSignal,
): Promise<AwaitedProbes> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const refused = new Set(input.refused);
  const awaited = plannedProbes(plan, input.order).filter(({ probeId }) => !refused.has(probeId));
  for (;;) {
    const probes = await observeProbes(deps, signal);
    const expired = deps.now() - input.sinceMs >= deps.wait.buildMs;
    const states = awaited.map((planned) => ({ planned, state: judgeProbe(planned, probes, expired) }));
    if (states.every(({ state }) => state !== 'waiting')) {
      const failures: HypervisorFailure[] = [];
      for (const { planned, state } of states) {
        if (typeof state === 'string') continue;
        const message = (await readFault(deps, planned, probes, signal)) ?? state.failed;
        failures.push(buildFailure(planned, message));
      }
      const standing = new Set(
        states.flatMap(({ planned, state }) => (state === 'standing' ? [planned.probeId] : [])),
      );
      return {
        standing: standing.size,
        created: plan.entries.filter(
          (entry) => entry.action === 'create' && standing.has(entry.create.probeId),
        ).length,
        failed: failures.length,
        failures: failures.slice(0, FAILURES_MAX),
      };
    }
    await delay(deps.wait.pollMs, undefined, { signal });
  }
}

type ProbeState = 'standing' | 'waiting' | { readonly failed: string };

/** Whether a planned probe stands. Its build is bounded: on a host that has just died it would never end. */
export function judgeProbe(planned: NewProbe, probes: readonly Probe[], expired: boolean): ProbeState {
  const probe = probes.find(({ probeId }) => probeId === planned.probeId);
  if (probe === undefined)
    return expired ? { failed: 'Nova accepted it or lost the answer, but never listed it' } : 'waiting';
  if (probe.phase === 'error') return { failed: probe.fault ?? 'went to ERROR without a fault' };
  if (probe.phase === 'active' && probe.host !== null && probe.host !== planned.serviceHost) {
    return { failed: `was put on ${probe.host} instead of ${planned.serviceHost}` };
  }
  if (probe.phase === 'active' && probe.host !== null && probe.address !== null) return 'standing';
  return expired ? { failed: `still ${probe.phase} when its time was over` } : 'waiting';
}

/**
 * Why a probe went to ERROR, where the list doesn't say it: Nova keeps what it could never schedule in a
 * cell of its own, whose faults its list leaves out, and writes the fault a moment after the status.
 */
async function readFault(
  deps: StepDeps,
  { probeId }: NewProbe,
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const probe = probes.find((candidate) => candidate.probeId === probeId);
  if (probe?.phase !== 'error' || probe.fault !== null) return undefined;
  for (let look = 1; ; look += 1) {
    const server = await deps.openstack.compute.getServer(probe.serverId, signal);
    if (server?.fault != null || look === FAULT_LOOKS_MAX) return server?.fault?.message;
    await delay(deps.wait.pollMs, undefined, { signal });
  }
}

function buildFailure(planned: NewProbe, message: string): HypervisorFailure {
  const kind = /No valid host|not enough hosts/i.test(message) ? 'noCapacity' : 'buildFailed';
  return { hypervisor: planned.hypervisor, probeId: planned.probeId, step: 'build', kind, message };
}
