import { setTimeout as delay } from 'node:timers/promises';
import type { HypervisorFailure } from '../domain/failure.ts';
import type { UnconfirmedProbe } from '../domain/memory.ts';
import { plannedProbes, type Plan } from '../domain/plan.ts';
import type { NewProbe, Probe } from '../domain/probe.ts';
import { OpenStackError } from '../openstack/error.ts';
import { getArtifact } from './artifacts.ts';
import { readConsoles } from './consoles.ts';
import { describeWait, type PlannedInput, type StepDeps } from './deps.ts';
import { observeProbes } from './observe.ts';
import { findUnconfirmed } from './unconfirmed.ts';

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
    const expired = deps.passedMs(input.sinceMs) >= deps.wait.buildMs;
    const states = awaited.map((planned) => ({ planned, state: judgeProbe(planned, probes, expired) }));
    if (states.every(({ state }) => state !== 'waiting')) {
      const standing = new Set(
        states.flatMap(({ planned, state }) => (state === 'standing' ? [planned.probeId] : [])),
      );
      const failed = states.flatMap(({ planned, state }) =>
        typeof state === 'string' ? [] : [{ planned, message: state.failed }],
      );
      return {
        standing: standing.size,
        created: plan.entries.filter(
          (entry) => entry.action === 'create' && standing.has(entry.create.probeId),
        ).length,
        failed: failed.length,
        failures: await explainFailed(deps, failed, probes, signal),
      };
    }
    const waiting = states
      .filter(({ state }) => state === 'waiting')
      .map(({ planned }) => planned.hypervisor);
    const ended = awaited.length - waiting.length;
    deps.tell(describeWait(`${ended} of ${awaited.length} are built`, waiting));
    await delay(deps.wait.pollMs, undefined, { signal });
  }
}

interface Failed {
  readonly planned: NewProbe;
  readonly message: string;
}

/** Why new probes don't stand, and which of them may exist all the same. */
async function explainFailed(
  deps: StepDeps,
  failed: readonly Failed[],
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<readonly HypervisorFailure[]> {
  const seen = new Set(probes.map(({ probeId }) => probeId));
  const unseen = failed.map(({ planned }) => planned).filter(({ probeId }) => !seen.has(probeId));
  const unconfirmed = await findUnconfirmed(deps, unseen, signal);
  const told = failed.slice(0, FAILURES_MAX);
  const ids = new Set(told.map(({ planned }) => planned.probeId));
  const half = probes.filter(({ probeId }) => ids.has(probeId));
  const faults = await readFaults(deps, half, signal);
  const consoles = await readConsoles(deps, half, signal);
  return told.map(({ planned, message }) => {
    const { probeId } = planned;
    const kept = unconfirmed.get(probeId);
    return kept === undefined
      ? buildFailure(planned, faults.get(probeId) ?? message, consoles.get(probeId))
      : unconfirmedFailure(kept);
  });
}

function unconfirmedFailure({ hypervisor, probeId, serverId }: UnconfirmedProbe): HypervisorFailure {
  const message = `Nova accepted it as ${serverId} and doesn't list it, as if its cell didn't answer; the next pass looks for it before it makes another one`;
  return { hypervisor, probeId, step: 'build', kind: 'unavailable', message };
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
 * Why probes went to ERROR, by probe id, where the list doesn't say it: Nova keeps what it could never schedule
 * in a cell of its own, whose faults its list leaves out, and writes the fault a moment after the status. All are
 * looked at together, so that many failures don't use up the step's time.
 */
async function readFaults(
  deps: StepDeps,
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const faults = new Map<string, string>();
  let silent = probes.filter(({ phase, fault }) => phase === 'error' && fault === null);
  for (let look = 1; silent.length > 0; look += 1) {
    const found = await Promise.all(silent.map(({ serverId }) => readFault(deps, serverId, signal)));
    for (const [index, { probeId }] of silent.entries()) {
      const fault = found[index];
      if (fault !== undefined) faults.set(probeId, fault);
    }
    silent = silent.filter(({ probeId }) => !faults.has(probeId));
    if (look === FAULT_LOOKS_MAX || silent.length === 0) break;
    await delay(deps.wait.pollMs, undefined, { signal });
  }
  return faults;
}

/** It only helps to understand a failure, so that it must not be one itself. */
async function readFault(
  { openstack: { compute } }: StepDeps,
  serverId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await compute.getServer(serverId, signal))?.fault?.message;
  } catch (error) {
    if (signal.aborted || !(error instanceof OpenStackError)) throw error;
    return undefined;
  }
}

function buildFailure(planned: NewProbe, message: string, output: string | undefined): HypervisorFailure {
  const kind = /No valid host|not enough hosts/i.test(message) ? 'noCapacity' : 'buildFailed';
  const { hypervisor, probeId } = planned;
  return {
    hypervisor,
    probeId,
    step: 'build',
    kind,
    message,
    ...(output === undefined ? {} : { console: output }),
  };
}
