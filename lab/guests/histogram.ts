import type { Sample } from './exposition.ts';

/** Relative spread of durations around their median: most lie within a third of it. */
const SPREAD = 0.25;

/** Durations counted by upper bound, as a Prometheus histogram. */
export interface Histogram {
  /** Adds `count` durations that lie around `medianSeconds`; a fraction is kept for the next time. */
  add(count: number, medianSeconds: number): void;
  samples(labels: Readonly<Record<string, string>>): readonly Sample[];
  /** How many were added, without the fraction. */
  count(): number;
}

/**
 * A histogram over these upper bounds, written as the real exporter writes them, ascending, without `+Inf`.
 *
 * Nothing is drawn: each bucket gets its share of a log-normal distribution, and fractions add up. So
 * counts depend on time alone, never fall, and never exceed those of the next bucket.
 */
export function createHistogram(bounds: readonly string[]): Histogram {
  const uppers = bounds.map(Number);
  const below = uppers.map(() => 0);
  let total = 0;
  let sum = 0;
  let median = Number.NaN;
  let shares: readonly number[] = [];
  return {
    add: (count, medianSeconds) => {
      if (medianSeconds !== median) {
        median = medianSeconds;
        shares = uppers.map((upper) => normalShareBelow(Math.log(upper / median) / SPREAD));
      }
      shares.forEach((share, index) => (below[index] = (below[index] ?? 0) + count * share));
      total += count;
      // The mean of a log-normal distribution lies a little above its median.
      sum += count * median * Math.exp(SPREAD ** 2 / 2);
    },
    samples: (labels) => [
      ...bounds.map((le, index) => ({
        suffix: '_bucket',
        labels: { ...labels, le },
        value: Math.floor(below[index] ?? 0),
      })),
      { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: Math.floor(total) },
      { suffix: '_sum', labels, value: sum },
      { suffix: '_count', labels, value: Math.floor(total) },
    ],
    count: () => Math.floor(total),
  };
}

/** The normal distribution's function, by the logistic approximation; its error is below 0.01. */
function normalShareBelow(z: number): number {
  return 1 / (1 + Math.exp(-1.702 * z));
}
