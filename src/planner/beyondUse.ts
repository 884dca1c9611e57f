import type { Probe } from '../domain/probe.ts';
import type { PlanInput } from './input.ts';
import { building } from './reasons/building.ts';
import { deleting } from './reasons/deleting.ts';

/** Whether a probe measures nothing and never will again: in ERROR, deleted, or stuck on its way up or down. */
export function isBeyondUse(probe: Probe, { policy, nowMs }: Pick<PlanInput, 'policy' | 'nowMs'>): boolean {
  if (probe.phase === 'error' || probe.phase === 'softDeleted') return true;
  const context = { probe, nowMs, buildMs: policy.buildMs, deletingMs: policy.deletingMs };
  return [building(context), deleting(context)].some((drift) => drift?.remedy === 'replace');
}
