import type { StepDeps } from '../deps.ts';
import { askReplicas } from './replicas.ts';

/** A probe that is still scraped, and by whom. */
export interface Scraped {
  readonly probeId: string;
  /** Host and port. */
  readonly replica: string;
}

/**
 * The first of these probes that a Prometheus still scrapes. Where one replica is enough, one that has let go of all
 * of them is enough too.
 */
export async function findScraped(
  deps: StepDeps,
  probeIds: readonly string[],
  signal: AbortSignal,
): Promise<Scraped | undefined> {
  const { answers } = await askReplicas(deps.publication, signal, async ({ name, prometheus }, abort) => {
    const targets = await prometheus.listActiveTargets({}, abort);
    const scraped = new Set(
      targets
        .filter(({ discoveredLabels }) => discoveredLabels['region'] === deps.region)
        .map(({ discoveredLabels }) => discoveredLabels['probe_id']),
    );
    const probeId = probeIds.find((id) => scraped.has(id));
    return probeId === undefined ? undefined : { probeId, replica: name };
  });
  const found = answers.flatMap(({ value }) => value ?? []);
  return deps.publication.required === 'all' || found.length === answers.length ? found[0] : undefined;
}
