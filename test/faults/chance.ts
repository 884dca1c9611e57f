import { createRandom } from '../../lab/openstack-sim/core/random.ts';

/** All that is drawn in a run; the same seed draws the same. */
export interface Chance {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** One of these. @throws Error when there are none. */
  pick<T>(items: readonly T[]): T;
  /** `true` with this probability. */
  happens(probability: number): boolean;
}

/** Draws from a seed; `part` keeps the draws of one part of a run apart from those of another. */
export function createChance(seed: number, part = 0): Chance {
  const random = createRandom(seed * 1_000 + part);
  // Neighbouring seeds begin alike.
  for (let drawn = 0; drawn < 8; drawn += 1) random.fraction();
  return {
    between: (low, high) => low + random.below(high - low + 1),
    pick: (items) => {
      const item = items[random.below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    happens: (probability) => random.fraction() < probability,
  };
}
