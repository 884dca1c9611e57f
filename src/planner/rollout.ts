import { describeKind } from '../domain/failure.ts';
import type { Inventory } from '../domain/inventory.ts';
import { activeAgeMs, type Probe } from '../domain/probe.ts';
import type { Exporters } from './exporters.ts';
import type { PlanInput } from './input.ts';
import type { Policy } from './policy.ts';

/** So many failures of one kind aren't chance any more. */
const FAILURES_MAX = 3;

/**
 * What an outdated probe may do in this pass: be replaced in either order, be replaced only with its
 * successor standing beside it, or wait.
 */
export type Turn =
  { readonly kind: 'free' } | { readonly kind: 'beside' } | { readonly kind: 'waits'; readonly why: string };

/** The turn of one that has to wait. */
export function waits(why: string): Turn {
  return { kind: 'waits', why };
}

/**
 * A new revision goes to one canary first, then, once Prometheus has seen that one up, to a batch per pass. A successor
 * that can't be made leaves a hypervisor without a probe, so hypervisors without one count against those that may be
 * broken: a revision that fits nowhere costs one batch, not one batch per pass. Three failures of one kind stop it, until
 * a probe of the revision has come up or there is another revision.
 */
export class Rollout {
  readonly #order: Policy['replace'];
  readonly #stopped: string | undefined;
  readonly #waitsFor: string;
  #left: number;
  #breakable: number;

  /**
   * @param own - the probe that counts of each hypervisor: what stands beside it has not taken its place yet.
   */
  constructor(
    { inventory, selection, policy, nowMs }: PlanInput,
    exporters: Exporters,
    own: readonly Probe[],
  ) {
    const hosts = new Map(inventory.hypervisors.map(({ hostname, serviceHost }) => [hostname, serviceHost]));
    const canaries = own.filter(
      (probe) =>
        probe.revision === inventory.revision &&
        probe.phase === 'active' &&
        probe.host === hosts.get(probe.hypervisor),
    );
    const states = canaries.map((probe) => exporters.of(probe));
    const isProven = states.includes('answer');
    const silent = states.filter((state) => state === 'silent' || state === 'unclear').length;
    const isYoung = (probe: Probe): boolean => activeAgeMs(probe, nowMs) < policy.bootMs;
    const carriers = new Set(inventory.probes.map(({ hypervisor }) => hypervisor));
    const bare = selection.filter(
      ({ decision, hypervisor }) => decision === 'selected' && !carriers.has(hypervisor),
    );
    this.#order = policy.replace;
    this.#stopped = describeStop(inventory, isProven ? 0 : silent);
    this.#waitsFor =
      isProven || !canaries.some(isYoung) ? 'its turn' : 'an answer of the first probe of this revision';
    this.#left = isProven ? policy.replaceBatch : canaries.some(isYoung) ? 0 : 1;
    this.#breakable = Math.max(0, this.#left - bare.length);
  }

  /** Takes one turn of those that are left. */
  take(): Turn {
    if (this.#stopped !== undefined) return waits(this.#stopped);
    if (this.#left === 0) return waits(`waits for ${this.#waitsFor}`);
    if (this.#breakable === 0 && this.#order === 'break-before-make')
      return waits('waits until other hypervisors have a probe again');
    this.#left -= 1;
    if (this.#breakable === 0) return { kind: 'beside' };
    this.#breakable -= 1;
    return { kind: 'free' };
  }
}

/** Why no outdated probe is replaced any more; `undefined` while the roll-out goes on. */
function describeStop({ memory, revision }: Inventory, silentCanaries: number): string | undefined {
  if (silentCanaries >= FAILURES_MAX)
    return `the roll-out has stopped: none of the ${silentCanaries} probes of this revision answers`;
  if (memory?.rollout?.revision !== revision) return undefined;
  const worst = memory.rollout.failures.find(({ count }) => count >= FAILURES_MAX);
  if (worst === undefined) return undefined;
  return (
    `the roll-out has stopped after ${worst.count} failures (${describeKind(worst.kind)}): ` +
    'another revision starts it again, and so does a probe of this one that comes up'
  );
}
