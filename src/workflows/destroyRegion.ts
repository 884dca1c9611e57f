import type { DestroyInput, DestroyResult } from './contract.ts';
import { destroyRegionPass } from './destroyRegionPass.ts';
import { underLock } from './entry.ts';
import { checkRegion, checkSwitches, checkUnknown, keysOf, refuseProblems } from './input.ts';

/**
 * Removes everything of one region, under whatever id it is started. It takes the lock that passes take, so that none
 * runs meanwhile; a schedule that is still there makes everything anew afterwards.
 */
export async function destroyRegion(input: DestroyInput): Promise<DestroyResult> {
  const { region, dryRun, forceDown } = parseInput(input);
  return await underLock(destroyRegionPass, {
    region,
    input: { region, dryRun, forceDown },
    summary: `${dryRun ? 'dry run of the destruction' : 'destruction'} of ${region}`,
    does: dryRun
      ? `Shows what destroying **${region}** would remove, and changes nothing.`
      : `Removes every probe, target, list and silence of region **${region}**. It doesn't come back by itself, unless its schedule is still there.`,
    notes: [
      'where it is and what goes: _Current Details_, or the query `report`',
      'to stop it, cancel it: what is removed by then is gone, and a pass makes it anew',
    ],
  });
}

function parseInput(input: unknown): Required<Omit<DestroyInput, 'confirm'>> {
  const { region, confirm, dryRun = false, forceDown = false, ...rest } = keysOf(input);
  refuseProblems(
    [
      checkRegion(region),
      ...checkSwitches({ dryRun, forceDown }),
      dryRun !== true && confirm !== region && 'confirm must be the name of the region once more',
      ...checkUnknown(rest),
    ],
    '{"region":"luxembourg","confirm":"luxembourg"}, or {"region":"luxembourg","dryRun":true}',
  );
  return { region: String(region), dryRun: dryRun === true, forceDown: forceDown === true };
}
