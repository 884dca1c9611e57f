import type { Inventory } from '../domain/inventory.ts';
import type { Probe } from '../domain/probe.ts';

/**
 * What Prometheus says about a probe's exporters. `unclear`: nothing, but it says that of most probes, so it may be
 * Prometheus itself that doesn't see. Where it wasn't asked, all are taken to answer.
 */
export type ExporterState = 'answer' | 'silent' | 'unclear';

/** Tells which probes are silent, and whether that tells about them. */
export class Exporters {
  readonly #silent: ReadonlySet<string>;
  readonly #isBlind: boolean;

  constructor({ exporters, probes, hypervisors }: Inventory) {
    this.#silent = new Set(exporters?.silent);
    const down = new Set(hypervisors.filter(({ up }) => !up).map(({ hostname }) => hostname));
    // That those that don't run don't answer says nothing about Prometheus. What is silent by now may be the first of
    // many that went blind together, so those count that don't answer at this moment.
    const unanswered = new Set(exporters?.unanswered);
    const missed = probes.filter(({ probeId }) => unanswered.has(probeId));
    const explained = missed.filter(
      ({ hypervisor, phase }) => down.has(hypervisor) || phase !== 'active',
    ).length;
    this.#isBlind = 2 * (missed.length - explained) > (exporters?.watched ?? 0) - explained;
  }

  of({ probeId }: Probe): ExporterState {
    if (!this.#silent.has(probeId)) return 'answer';
    return this.#isBlind ? 'unclear' : 'silent';
  }
}
