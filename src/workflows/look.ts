import { ApplicationFailure } from '@temporalio/workflow';
import type { FrozenListing, ListedInventory } from '../activities/listInventory.ts';
import type { PlannedChanges } from '../activities/planChanges.ts';
import { describeSaid, type Freeze } from '../domain/orders.ts';
import type { FrozenPass, PassReport } from '../domain/pass.ts';
import { shortSteps } from './steps.ts';

type Base = { readonly region: string; readonly pass: string };

/** What a pass knows before it changes anything: steps 1 to 3, and the report of a pass that has done nothing yet. */
export interface Look {
  readonly listed: ListedInventory;
  readonly started: PassReport;
  readonly approval: PlannedChanges['approval'];
}

/** Looks at a region before changing it; at a frozen one it stops before anything but the orders is looked at. */
export async function lookToChange(base: Base): Promise<Look | FrozenPass> {
  const listed = await shortSteps.listInventory({ ...base, stopIfFrozen: true });
  return isWhole(listed) ? await plan(base, listed) : reportFrozen(base, listed.frozen);
}

/** Looks at a region, frozen or not. */
export async function lookOnly(base: Base): Promise<Look> {
  return await plan(base, await listWhole(base));
}

/** Lists a region, frozen or not. */
export async function listWhole(base: Base): Promise<ListedInventory> {
  const listed = await shortSteps.listInventory(base);
  if (isWhole(listed)) return listed;
  const message = 'a listing that was to be whole stopped at a freeze';
  throw ApplicationFailure.create({ type: 'unsupported', message, nonRetryable: true });
}

function isWhole(listed: ListedInventory | FrozenListing): listed is ListedInventory {
  return listed.inventory !== undefined;
}

function reportFrozen({ region, pass }: Base, frozen: Freeze): FrozenPass {
  const message = `${region} is frozen ${describeSaid(frozen)}; nothing was changed. To lift it: innervisor unfreeze ${region}`;
  return { region, pass, outcome: 'frozen', frozen, message };
}

async function plan(base: Base, listed: ListedInventory): Promise<Look> {
  const { inventory, frozen } = listed;
  const { selection, expected, counts: chosen } = await shortSteps.selectHypervisors({ ...base, inventory });
  const {
    plan,
    counts,
    changes,
    held,
    findings = [],
    approval,
  } = await shortSteps.planChanges({
    ...base,
    inventory,
    selection,
  });
  // In this order because the Web UI shows a result as it is, and its first lines at a glance.
  const started: PassReport = {
    ...base,
    outcome: 'planned',
    ...(frozen === undefined ? {} : { frozen }),
    held,
    failures: [],
    failedChecks: [],
    findings,
    hypervisors: listed.hypervisors,
    selected: chosen.selected,
    deferred: chosen.deferred,
    plan: counts,
    changes,
    ...(approval === undefined ? {} : { planHash: approval.planHash }),
    created: 0,
    replaced: 0,
    deleted: 0,
    kept: counts.keep,
    verified: 0,
    generation: null,
    slowestBoots: [],
    artifacts: { inventory, plan, boots: null, ...(expected === undefined ? {} : { expected }) },
  };
  return { listed, started, approval };
}
