export type { Drift } from './drift.ts';
import { building } from './building.ts';
import { deleting } from './deleting.ts';
import type { Drift, DriftContext, DriftRule } from './drift.ts';
import { error } from './error.ts';
import { migrating } from './migrating.ts';
import { misplaced } from './misplaced.ts';
import { noAddress } from './noAddress.ts';
import { outdated } from './outdated.ts';
import { silent } from './silent.ts';
import { softDeleted } from './softDeleted.ts';
import { stopped } from './stopped.ts';

/** In the order of what weighs most: the first that applies is the reason that people read. */
const RULES: readonly DriftRule[] = [
  deleting,
  softDeleted,
  migrating,
  building,
  error,
  misplaced,
  stopped,
  noAddress,
  silent,
  outdated,
];

/** The first way in which a probe isn't as planned; `undefined` when it is. */
export function computeDrift(context: DriftContext): Drift | undefined {
  for (const rule of RULES) {
    const drift = rule(context);
    if (drift !== undefined) return drift;
  }
  return undefined;
}
