import type { ReconcileInput, ReconcileResult } from './contract.ts';
import { underLock } from './entry.ts';
import { checkRegion, checkSwitches, checkUnknown, keysOf, refuseProblems } from './input.ts';
import { reconcileRegionPass } from './reconcileRegionPass.ts';

/**
 * One pass over one region, under whatever id it is started. A schedule gives no mutual exclusion, so the
 * pass is a child with one fixed id per region: whoever comes second finds it taken and says so.
 */
export async function reconcileRegion(input: ReconcileInput): Promise<ReconcileResult> {
  const { region, dryRun } = parseInput(input);
  return await underLock(reconcileRegionPass, {
    region,
    input: { region, dryRun },
    summary: `${dryRun ? 'dry run' : 'one pass'} over ${region}`,
    does: dryRun
      ? `Shows what a pass over **${region}** would do, and changes nothing.`
      : `Makes region **${region}** as planned: a probe on each selected hypervisor, known to Prometheus and its peers.`,
    notes: [
      'where it is, what it decided and why, and what waits for approval: _Current Details_, or the query `report`',
      'to stop it, cancel it: it ends what it has begun. Terminated, it leaves its silences to end by themselves',
    ],
  });
}

function parseInput(input: unknown): { readonly region: string; readonly dryRun: boolean } {
  const { region, dryRun = false, ...rest } = keysOf(input);
  refuseProblems(
    [checkRegion(region), ...checkSwitches({ dryRun }), ...checkUnknown(rest)],
    '{"region":"luxembourg","dryRun":true}',
  );
  return { region: String(region), dryRun: dryRun === true };
}
