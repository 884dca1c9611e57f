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
    const silent = probes.filter(({ probeId }) => this.#silent.has(probeId));
    // That those that don't run are silent says nothing about Prometheus.
    const explained = silent.filter(
      ({ hypervisor, phase }) => down.has(hypervisor) || phase !== 'active',
    ).length;
    const watched = (exporters?.watched ?? 0) - explained;
    this.#isBlind = 2 * (silent.length - explained) > watched;
  }

  of({ probeId }: Probe): ExporterState {
    if (!this.#silent.has(probeId)) return 'answer';
    return this.#isBlind ? 'unclear' : 'silent';
  }
}
