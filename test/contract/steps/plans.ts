import type { ArtifactRef } from '../../../src/domain/pass.ts';
import type { Plan, PlanEntry, ReplaceOrder } from '../../../src/domain/plan.ts';
import type { NewProbe, ProbeRef } from '../../../src/domain/probe.ts';
import { INSTALLATION, REGION, type World } from './world.ts';

/** Stores a plan with these entries. */
export async function storePlan(world: World, ...entries: readonly PlanEntry[]): Promise<ArtifactRef> {
  const plan: Plan = { installation: INSTALLATION, region: REGION, revision: 'r1', entries, held: [] };
  return await world.artifact('plan', plan);
}

/** The entry that removes a probe of `cmp1`. */
export function removal(probeId: string): PlanEntry {
  const reason = { code: 'excluded', text: 'is excluded' } as const;
  return { hypervisor: 'cmp1', orphan: false, reason, action: 'delete', probe: standing(probeId) };
}

/** The entry that makes a probe on `cmp1`. */
export function creation(probeId: string): PlanEntry {
  const reason = { code: 'missing', text: 'has no probe' } as const;
  return { hypervisor: 'cmp1', orphan: false, reason, action: 'create', create: planned(probeId) };
}

/** The entry that replaces one probe of `cmp1` by another. */
export function replacement(
  oldId: string,
  newId: string,
  order: ReplaceOrder,
  noRoom: 'break-before-make' | 'keep' = 'break-before-make',
): PlanEntry {
  return {
    hypervisor: 'cmp1',
    orphan: false,
    reason: { code: 'error', text: 'in ERROR' },
    action: 'replace',
    probe: standing(oldId),
    create: planned(newId),
    order,
    noRoom,
  };
}

function standing(probeId: string): ProbeRef {
  return { probeId, serverId: `server-${probeId}`, name: `probe-cmp1-${probeId}`, host: 'cmp1' };
}

function planned(probeId: string): NewProbe {
  return {
    probeId,
    name: `probe-cmp1-${probeId}`,
    generation: 1,
    revision: 'r1',
    hypervisor: 'cmp1',
    serviceHost: 'cmp1',
    availabilityZone: 'nova',
  };
}
