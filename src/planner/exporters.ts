import type { Inventory } from '../domain/inventory.ts';
import type { Probe, ProbePhase } from '../domain/probe.ts';

/**
 * What Prometheus says about a probe's exporters. `answer`: it has lately seen each of them up. `unseen`: it has not
 * scraped them yet. `silent`: one gives no answer, or the probe doesn't run. `unclear`: one gives none, but it says that of
 * most probes, so it may be Prometheus itself that doesn't see. `unknown`: it wasn't asked.
 */
export type ExporterState = 'answer' | 'unseen' | 'silent' | 'unclear' | 'unknown';

/** Their guests end, if they haven't yet, whatever Prometheus saw a moment ago. */
const LEAVING: ReadonlySet<ProbePhase> = new Set(['deleting', 'softDeleted']);

/** Tells which probes answer, which don't, and where nothing tells it. */
export class Exporters {
  readonly #isAsked: boolean;
  readonly #unseen: ReadonlySet<string>;
  readonly #silent: ReadonlySet<string>;
  readonly #isBlind: boolean;

  constructor({ exporters, probes, hypervisors }: Inventory) {
    this.#isAsked = exporters !== undefined;
    this.#silent = new Set(exporters?.silent);
    this.#unseen = new Set(exporters?.unseen);
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

  of({ probeId, phase }: Probe): ExporterState {
    if (LEAVING.has(phase)) return 'silent';
    const isSilent = this.#silent.has(probeId);
    if (this.#isAsked && !isSilent && !this.#unseen.has(probeId)) return 'answer';
    if (phase !== 'active') return 'silent';
    if (!this.#isAsked) return 'unknown';
    if (!isSilent) return 'unseen';
    return this.#isBlind ? 'unclear' : 'silent';
  }
}
