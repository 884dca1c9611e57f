import type { Maintenance } from './orders.ts';
import type { Reason } from './plan.ts';
import type { SelectionDecision } from './selection.ts';
import type { CheckResult } from './verification.ts';

/** How one hypervisor is now, and its probe. */
export interface HypervisorLook {
  readonly region: string;
  /** By its full name. */
  readonly hypervisor: string;
  readonly up: boolean;
  /** The order that keeps it without a probe. */
  readonly maintenance: Maintenance | null;
  /** Whether it must carry a probe, and why. */
  readonly decision: SelectionDecision;
  readonly reason: Reason;
  /** Its probes by their names, whatever state they are in. */
  readonly probes: readonly string[];
  /** Whether Prometheus or the peers are told of one, by what is published. */
  readonly isPublished: boolean;
  /** Which checks failed; of a probe that isn't published none is made. */
  readonly failedChecks: readonly CheckResult[];
}
