import type { Inventory } from '../domain/inventory.ts';
import type { Selection } from '../domain/selection.ts';
import type { Policy } from './policy.ts';

/**
 * What an outdated probe may do in this pass: be replaced in either order, be replaced only with its
 * successor standing beside it, or wait.
 */
export type Turn =
  { readonly kind: 'free' } | { readonly kind: 'beside' } | { readonly kind: 'waits'; readonly why: string };

/**
 * A new revision goes to one canary first, then to a batch per pass. A successor that can't be made leaves
 * a hypervisor without a probe, so hypervisors without one count against those that may be broken: a
 * revision that fits nowhere costs one batch, not one batch per pass.
 */
export class Rollout {
  readonly #order: Policy['replace'];
  #left: number;
  #breakable: number;

  constructor(inventory: Inventory, selection: Selection, policy: Policy) {
    const hosts = new Map(inventory.hypervisors.map(({ hostname, serviceHost }) => [hostname, serviceHost]));
    const isProven = inventory.probes.some(
      (probe) =>
        probe.revision === inventory.revision &&
        probe.phase === 'active' &&
        probe.host === hosts.get(probe.hypervisor),
    );
    const carriers = new Set(inventory.probes.map(({ hypervisor }) => hypervisor));
    const bare = selection.filter(
      ({ decision, hypervisor }) => decision === 'selected' && !carriers.has(hypervisor),
    );
    this.#order = policy.replace;
    this.#left = isProven ? policy.replaceBatch : 1;
    this.#breakable = Math.max(0, this.#left - bare.length);
  }

  /** Takes one turn of those that are left. */
  take(): Turn {
    if (this.#left === 0) return { kind: 'waits', why: 'waits for its turn' };
    if (this.#breakable === 0 && this.#order === 'break-before-make')
      return { kind: 'waits', why: 'waits until other hypervisors have a probe again' };
    this.#left -= 1;
    if (this.#breakable === 0) return { kind: 'beside' };
    this.#breakable -= 1;
    return { kind: 'free' };
  }
}
