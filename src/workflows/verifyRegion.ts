import { ApplicationFailure } from '@temporalio/workflow';
import type { RegionVerification } from '../domain/verification.ts';
import type { VerifyInput } from './contract.ts';
import { listWhole } from './look.ts';
import { passId, showProgress } from './progress.ts';
import { shortSteps } from './steps.ts';

/**
 * Looks whether all is right in a region now, and changes nothing there. It doesn't wait for a pass that is under way,
 * and no pass waits for it.
 */
export async function verifyRegion(input: VerifyInput): Promise<RegionVerification> {
  const { region } = (typeof input === 'object' ? (input ?? {}) : {}) as Partial<VerifyInput>;
  if (typeof region !== 'string') {
    const message =
      'input refused: region must be the name of a region; it looks like {"region":"luxembourg"}';
    throw ApplicationFailure.create({ type: 'invalidConfig', message, nonRetryable: true });
  }
  const base = { region, pass: passId() };
  showProgress('listing hypervisors and probes', base);
  const { inventory, hypervisors } = await listWhole(base);
  const { selection, counts } = await shortSteps.selectHypervisors({ ...base, inventory });
  const planned = await shortSteps.planChanges({ ...base, inventory, selection });
  const { plan, changes, held, findings = [] } = planned;
  showProgress('comparing and asking Prometheus', base);
  const checked = await shortSteps.checkRegion({ ...base, inventory, plan });
  const { create, replace, reboot = 0, delete: remove, marks } = planned.counts;
  const isLeftAlone = findings.some(({ kind }) => kind === 'creationPaused');
  const isDegraded = checked.failed + checked.differences.length > 0 || isLeftAlone;
  const hasDrifted = create + replace + reboot + remove + marks > 0;
  const outcome = isDegraded ? 'degraded' : hasDrifted ? 'drifted' : 'converged';
  showProgress(outcome, { ...base, plan: planned.counts, changes, held, findings });
  return {
    region,
    outcome,
    hypervisors,
    selected: counts.selected,
    deferred: counts.deferred,
    plan: planned.counts,
    changes,
    held,
    findings,
    ...checked,
  };
}
