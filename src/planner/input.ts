import type { Sha256 } from '../domain/identity.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { Selection } from '../domain/selection.ts';
import type { Exporters } from './exporters.ts';
import type { Pauses } from './pause.ts';
import type { Policy } from './policy.ts';
import type { Rollout } from './rollout.ts';
import type { Turns } from './turns.ts';

/** What a plan is computed from; time is data. */
export interface PlanInput {
  readonly inventory: Inventory;
  readonly selection: Selection;
  readonly policy: Policy;
  readonly nowMs: number;
  readonly sha256: Sha256;
}

/** What entries of one plan have in common. */
export interface PlanState {
  readonly rollout: Rollout;
  readonly pauses: Pauses;
  readonly exporters: Exporters;
  /** Where probes were published that have no address now, by server id. */
  readonly lastAddresses: ReadonlyMap<string, string>;
  /** Of silent probes, each reboot and each replacement takes one: it may be Prometheus that doesn't see them. */
  readonly repairs: Turns;
}
