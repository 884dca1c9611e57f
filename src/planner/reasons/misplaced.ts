import type { Drift, DriftContext } from './drift.ts';

/** Runs on another hypervisor than its own: live-migrated or evacuated, it now measures somebody else. */
export function misplaced({ probe, hypervisor }: DriftContext): Drift | undefined {
  if (probe.host === null || probe.host === hypervisor.serviceHost) return undefined;
  return {
    remedy: 'replace',
    reason: { code: 'misplaced', text: `runs on ${probe.host}, not on its own hypervisor` },
  };
}
