import type { ExpectedProbe } from '../src/domain/expected.ts';
import type { ArtifactRef } from '../src/domain/pass.ts';
import { renderExpected, renderExpectedPage } from '../src/telemetry/expected.ts';
import type { RegionFacts } from '../src/telemetry/metrics.ts';

/**
 * For how long a list counts that can't be renewed. It outlives a night without S3; what is older names hypervisors that
 * may be gone, and its timestamp goes on telling how old it is.
 */
const KEPT_MS_MAX = 24 * 60 * 60 * 1000;

/** Reads the stored list that a pass refers to; rejects where it can't be had. */
export type ReadExpected = (ref: ArtifactRef) => Promise<readonly ExpectedProbe[]>;

/** Which hypervisors should carry a probe, as every worker says the same of them. */
export interface ExpectedProbes {
  /** Reads the list of the last good pass, if it is another one. What was known stays where that fails. */
  follow(facts: Pick<RegionFacts, 'region' | 'readMs' | 'expected'>): Promise<void>;
  /** The page for Prometheus. */
  render(nowMs: number): string;
}

interface Known {
  readonly sha256: string;
  readonly series: string;
  readonly readMs: number;
}

/** Knows nothing of any of these regions yet. */
export function createExpectedProbes(readers: ReadonlyMap<string, ReadExpected>): ExpectedProbes {
  const known = new Map<string, Known>();
  return {
    follow: async ({ region, readMs, expected: ref }) => {
      const read = readers.get(region);
      if (ref === null || read === undefined) return;
      const last = known.get(region);
      // The name is the hash of what it holds: what has the same name needs no look.
      const series = last?.sha256 === ref.sha256 ? last.series : renderExpected(region, await read(ref));
      known.set(region, { sha256: ref.sha256, series, readMs });
    },
    render: (nowMs) =>
      renderExpectedPage(
        [...readers.keys()].map((region) => {
          const { readMs = 0, series = '' } = known.get(region) ?? {};
          return { region, readMs, series: nowMs - readMs <= KEPT_MS_MAX ? series : '' };
        }),
      ),
  };
}
