import type { Hypervisor } from '../domain/hypervisor.ts';
import type { PlanEntry } from '../domain/plan.ts';
import { probeRef, type Probe } from '../domain/probe.ts';
import { unretire } from './present.ts';

/**
 * What becomes of a probe that runs on another hypervisor than its own, if that one is down: it stays, since Nova would
 * free its address while its guest may live on. It measures nothing of its own hypervisor, which gets another one.
 */
export function planStranded(
  probe: Probe,
  byServiceHost: ReadonlyMap<string | null, Hypervisor>,
): PlanEntry | undefined {
  const { hypervisor } = probe;
  const host = byServiceHost.get(probe.host);
  if (host === undefined || host.up || host.hostname === hypervisor) return undefined;
  const text = `stranded on ${host.hostname}, which is down; stays until that is up`;
  const reason = { code: 'hypervisorDown', text } as const;
  return { hypervisor, orphan: true, action: 'defer', probe: probeRef(probe), reason, ...unretire(probe) };
}
