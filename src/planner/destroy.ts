import { compareText } from '../domain/document.ts';
import type { Hypervisor } from '../domain/hypervisor.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { Plan, PlanEntry, Reason } from '../domain/plan.ts';
import { probeRef, type Probe, type ProbeRef } from '../domain/probe.ts';

/**
 * The plan that leaves nothing of a region: every probe goes, in whatever state it is. One that runs on a hypervisor
 * that is down stays unless `forceDown` says otherwise: Nova would free its address while its guest may live on.
 */
export function computeDestruction(inventory: Inventory, forceDown: boolean): Plan {
  const { installation, region, revision, hypervisors, probes } = inventory;
  const hostnames = new Set(hypervisors.map(({ hostname }) => hostname));
  const hosts = new Map(hypervisors.map((hypervisor) => [hypervisor.serviceHost, hypervisor]));
  const carriers = new Set<string>();
  const removals = probes.map((probe): PlanEntry => {
    const { hypervisor } = probe;
    const orphan = carriers.has(hypervisor) || !hostnames.has(hypervisor);
    carriers.add(hypervisor);
    return { hypervisor, orphan, ...decide(probe, hosts.get(probe.host ?? ''), forceDown) };
  });
  const bare = [...hostnames.difference(carriers)].map((hypervisor): PlanEntry => {
    return { hypervisor, orphan: false, action: 'none', reason: { code: 'destroyed', text: 'has no probe' } };
  });
  const entries = [...removals, ...bare].toSorted(
    (a, b) => compareText(a.hypervisor, b.hypervisor) || Number(a.orphan) - Number(b.orphan),
  );
  return { installation, region, revision, entries, held: [], ...(forceDown ? { forceDown } : {}) };
}

interface Decision {
  readonly action: 'delete' | 'defer';
  readonly probe: ProbeRef;
  readonly reason: Reason;
}

/** @param host - where the probe runs; a host that Nova no longer lists has no service that keeps a guest for it. */
function decide(probe: Probe, host: Hypervisor | undefined, forceDown: boolean): Decision {
  const isDown = host !== undefined && !host.up;
  if (isDown && !forceDown) {
    const text = `${probe.name} stays: ${host.hostname} is down, its guest may live on at an address that Nova would free`;
    return { action: 'defer', probe: probeRef(probe), reason: { code: 'hypervisorDown', text } };
  }
  const though = isDown ? `, though ${host.hostname} is down and its guest may live on` : '';
  const text = `${probe.name} goes with its region${though}`;
  return { action: 'delete', probe: probeRef(probe), reason: { code: 'destroyed', text } };
}
