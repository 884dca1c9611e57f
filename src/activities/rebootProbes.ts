import type { HypervisorFailure } from '../domain/failure.ts';
import { metadataKeys } from '../domain/identity.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { Plan, PlanEntry } from '../domain/plan.ts';
import { OpenStackError } from '../openstack/error.ts';
import { getArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { parseProbe } from './observe.ts';
import { tryEach, type Refusal } from './tryEach.ts';

/** How many probes were rebooted, and which couldn't be. */
export interface RebootedProbes {
  readonly rebooted: number;
  readonly failures: readonly HypervisorFailure[];
}

type Reboot = Extract<PlanEntry, { readonly action: 'reboot' }>;

/** Reboots the probes of the plan that are silent, each at most once an attempt, and writes that into their metadata. */
export async function rebootProbes(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef },
  signal: AbortSignal,
): Promise<RebootedProbes> {
  const { entries } = await getArtifact<Plan>(deps, input.plan);
  const reboots = entries.filter(({ action }) => action === 'reboot') as Reboot[];
  const { done, refused } = await tryEach(deps, reboots, (entry) => rebootOne(deps, entry, signal));
  const failures = refused.map(({ item: { hypervisor, probe }, refusal }): HypervisorFailure => ({
    hypervisor,
    probeId: probe.probeId,
    step: 'reboot',
    ...refusal,
  }));
  return { rebooted: done.length, failures };
}

/**
 * Mark, host and state are read again right before. The mark of the reboot is written first: were it written after and
 * refused, the probe would be rebooted in each pass.
 */
async function rebootOne(
  deps: StepDeps,
  { probe: planned, hypervisor, rebootedAt }: Reboot,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const { compute } = deps.openstack;
  const { serverId } = planned;
  const server = await compute.getServer(serverId, signal);
  const probe = server === undefined ? undefined : parseProbe(server, deps);
  const isSame = probe?.probeId === planned.probeId && probe.hypervisor === hypervisor;
  // A reboot on a host that is down hangs until it is back.
  const isUp = (server?.hostStatus ?? 'UP') === 'UP';
  const isMarked = probe?.rebootedAt !== rebootedAt;
  const isOthers = isMarked && deps.isFirstAttempt;
  if (!isSame || !isUp || probe.host !== planned.host || probe.phase !== 'active' || isOthers) {
    const message = `probe ${planned.probeId} is no longer what it was when the plan was made; the next pass looks again`;
    return { kind: 'conflict', message };
  }
  // That the attempt which wrote the mark rebooted it, too, shows only for a while: twice is better than never.
  if (isMarked && probe.status === 'HARD_REBOOT') return undefined;
  const time = new Date(deps.now()).toISOString();
  await compute.setServerMetadata(serverId, { [metadataKeys.rebootedAt]: time }, signal);
  await reboot(deps, serverId, rebootedAt, signal);
  return undefined;
}

/** A reboot that was refused didn't happen: then the mark says again what it said before. */
async function reboot(
  { openstack: { compute } }: StepDeps,
  serverId: string,
  before: string | null,
  signal: AbortSignal,
): Promise<void> {
  try {
    await compute.rebootServer(serverId, signal);
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    if (error.effect === 'unknown') return;
    await (before === null
      ? compute.deleteServerMetadata(serverId, metadataKeys.rebootedAt, signal)
      : compute.setServerMetadata(serverId, { [metadataKeys.rebootedAt]: before }, signal));
    throw error;
  }
}
