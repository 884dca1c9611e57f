import type { Inventory } from '../domain/inventory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { SelectionDecision } from '../domain/selection.ts';
import { computeSelection } from '../planner/select.ts';
import { getArtifact, putArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { storeExpected } from './expected.ts';

/** How many hypervisors each decision has; the reasons are in the artifact. */
export interface SelectedHypervisors {
  readonly selection: ArtifactRef;
  readonly counts: Readonly<Record<SelectionDecision, number>>;
  /** Which of them should carry a probe, for whoever watches that they do; older workers leave it out. */
  readonly expected?: ArtifactRef;
}

/** Step 2: decides which hypervisors must carry a probe. */
export async function selectHypervisors(
  deps: StepDeps,
  input: PassInput & { readonly inventory: ArtifactRef },
): Promise<SelectedHypervisors> {
  const inventory = await getArtifact<Inventory>(deps, input.inventory);
  const selection = computeSelection(
    inventory.hypervisors,
    deps.policy,
    deps.matchGlobs,
    inventory.maintenance,
  );
  const counts = { selected: 0, deferred: 0, retained: 0, retiring: 0, excluded: 0 };
  for (const entry of selection) counts[entry.decision] += 1;
  return {
    selection: await putArtifact(deps, 'selection', selection),
    counts,
    expected: await storeExpected(deps, inventory.hypervisors, selection),
  };
}
