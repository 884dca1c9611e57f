import type { Hypervisor } from '../../domain/hypervisor.ts';
import type { Reason } from '../../domain/plan.ts';
import type { Probe } from '../../domain/probe.ts';

/** What the rules about one probe may look at. */
export interface DriftContext {
  readonly probe: Probe;
  readonly hypervisor: Hypervisor;
  readonly revision: string;
  readonly buildMs: number;
  readonly nowMs: number;
}

/** `replace`: a new probe is made for it; `wait`: Nova is busy with it; a later pass looks again. */
export interface Drift {
  readonly remedy: 'replace' | 'wait';
  readonly reason: Reason;
}

/** One way for a probe not to be as planned. */
export type DriftRule = (context: DriftContext) => Drift | undefined;
