import type { Hypervisor } from '../../domain/hypervisor.ts';
import type { Reason } from '../../domain/plan.ts';
import type { Probe } from '../../domain/probe.ts';
import type { ExporterState } from '../exporters.ts';

/** What the rules about one probe may look at. */
export interface DriftContext {
  readonly probe: Probe;
  readonly hypervisor: Hypervisor;
  readonly revision: string;
  readonly exporters: ExporterState;
  /** Where it was published, and no other probe is now, while Nova shows no address for it. */
  readonly lastAddress: string | undefined;
  /** Ages at which something counts as stuck, or as not to come up by itself. */
  readonly buildMs: number;
  readonly deletingMs: number;
  readonly bootMs: number;
  readonly nowMs: number;
}

/** `replace`: a new probe is made for it; `reboot`: that may cure it; `wait`: a later pass looks again. */
export interface Drift {
  readonly remedy: 'replace' | 'reboot' | 'wait';
  readonly reason: Reason;
}

/** One way for a probe not to be as planned. */
export type DriftRule = (context: DriftContext) => Drift | undefined;
