import { WorkflowFailedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { PassReport } from '../../domain/pass.ts';
import type { PlanCounts } from '../../domain/plan.ts';
import { names } from '../../workflows/contract.ts';
import { describeError, isCancellation } from '../describeError.ts';
import { CliError } from '../errors.ts';
import { printNote } from '../terminal/messages.ts';
import { awaitWorker } from './start.ts';
import { nameStep, type Step } from './steps.ts';
import { describeNewest, lookAtPass } from './watch.ts';

/** The step that ends silences; it also runs last in a pass that was stopped, as its compensation. */
const COMPENSATION = 'expireSilences';

/** What came of asking a region's pass to stop. */
export interface Cancelled {
  readonly region: string;
  /** `ended`: it came to its own end before it was stopped. `idle`: none was under way. */
  readonly outcome: 'cancelled' | 'ended' | 'failed' | 'idle';
  /** Why it failed instead. */
  readonly message: string | null;
  /** In its own words, where it was. */
  readonly step: string | null;
  /** What it had planned; `null` before there was a plan. */
  readonly plan: PlanCounts | null;
  readonly done: readonly DoneStep[];
  readonly stopped: readonly DoneStep[];
  /** Whether it ended the silences that were no longer needed. */
  readonly compensated: boolean;
}

/** A step with what its results counted. */
export interface DoneStep {
  readonly step: string;
  readonly calls: number;
  readonly ended: number;
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Asks the region's pass to stop and waits for its end.
 * @throws CliError where no pass is under way and one must be.
 */
export async function cancelPass(client: Client, region: string, mustRun: boolean): Promise<Cancelled> {
  const newest = await describeNewest(client, region);
  if (newest?.status.name !== 'RUNNING') return idle(region, mustRun);
  const { runId, taskQueue } = newest;
  const handle = client.workflow.getHandle<() => Promise<PassReport>>(names.passWorkflowId(region), runId);
  try {
    await handle.cancel();
  } catch (error) {
    // It has ended in this very moment.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  printNote(`${region}: the pass has been asked to stop; the step that is under way ends first`);
  const { outcome, message } = await awaitWorker(client, { region, taskQueue }, () =>
    awaitEnd(() => handle.result()),
  );
  const { steps, progress } = await lookAtPass(client, { region, runId });
  const compensation = steps.at(-1)?.activity === COMPENSATION ? steps.at(-1) : undefined;
  const own = outcome === 'ended' ? steps : steps.filter((step) => step !== compensation);
  return {
    region,
    outcome,
    message,
    step: progress?.step ?? null,
    plan: progress?.plan ?? null,
    done: own.filter(({ state }) => state === 'done').map(describe),
    stopped: own.filter(({ state }) => state !== 'done').map(describe),
    compensated: compensation?.state === 'done',
  };
}

function idle(region: string, mustRun: boolean): Cancelled {
  if (mustRun)
    throw new CliError(`no pass over ${region} is under way`, {
      hint: `innervisor status ${region} shows the last one`,
    });
  const none = { message: null, step: null, plan: null, done: [], stopped: [], compensated: false };
  return { region, outcome: 'idle', ...none };
}

async function awaitEnd(result: () => Promise<PassReport>): Promise<Pick<Cancelled, 'outcome' | 'message'>> {
  try {
    await result();
    return { outcome: 'ended', message: null };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return isCancellation(error)
      ? { outcome: 'cancelled', message: null }
      : { outcome: 'failed', message: describeError(error).message };
  }
}

function describe({ activity, calls, ended, counts }: Step): DoneStep {
  return { step: nameStep(activity), calls, ended, counts };
}
