import {
  WorkflowFailedError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import type { DestroyReport } from '../../domain/destruction.ts';
import type { Freeze } from '../../domain/orders.ts';
import type { FrozenPass, PassOutcome, PassReport } from '../../domain/pass.ts';
import { names } from '../../workflows/contract.ts';
import { describeError } from '../describeError.ts';
import { asHeld } from '../pass/approval.ts';
import { askForReport, describeNewest } from '../pass/watch.ts';
import { showSchedule, type ShownSchedule } from '../schedule/show.ts';
import { readKnownOrders, type KnownOrders } from './orders.ts';

/** How far back a pass is looked for that wasn't a dry run. */
const PASSES_MAX = 20;

/** A pass that is under way. Times are ISO 8601. */
export interface RunningPass {
  readonly workflowId: string;
  readonly runId: string;
  readonly startedAt: string;
  /** Workflow id of the entry: it says whether the schedule or a person has started it. */
  readonly startedBy: string | null;
  /** `null` while no worker answers. */
  readonly step: string | null;
  /** The plan that waits for a person's word. */
  readonly held: Pick<PassReport, 'region' | 'plan' | 'changes' | 'held' | 'planHash'> | null;
}

/** The last pass or destruction that has ended and wasn't a dry run, among the last {@link PASSES_MAX}. */
export interface LastPass {
  readonly runId: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly outcome:
    PassOutcome | DestroyReport['outcome'] | 'failed' | 'cancelled' | 'terminated' | 'timed out';
  /** Why it has no report of a pass. */
  readonly message: string | null;
  /** Why it has none, where somebody had frozen the region. */
  readonly frozen: Freeze | null;
  readonly report: PassReport | null;
}

/** What there is to know of a region without asking its cloud. */
export interface RegionStatus {
  readonly region: string;
  readonly running: RunningPass | null;
  readonly last: LastPass | null;
  readonly orders: KnownOrders;
  readonly schedule: ShownSchedule | null;
}

/** Asks Temporal what runs in a region, what came of the last pass and when the next one starts. */
export async function readStatus(client: Client, region: string): Promise<RegionStatus> {
  const [newest, schedule] = await Promise.all([
    describeNewest(client, region),
    showSchedule(client, region),
  ]);
  const running = newest?.status.name === 'RUNNING' ? await readRunning(client, region, newest) : null;
  const last = await findLast(client, region, newest);
  const orders = await readKnownOrders(client, region, last, Date.now());
  return { region, running, last, orders, schedule: schedule ?? null };
}

async function readRunning(
  client: Client,
  region: string,
  { workflowId, runId, startTime, parentExecution }: WorkflowExecutionDescription,
): Promise<RunningPass> {
  const progress = await askForReport(client, { region, runId });
  const held = asHeld(progress);
  return {
    workflowId,
    runId,
    startedAt: startTime.toISOString(),
    startedBy: parentExecution?.workflowId ?? null,
    step: progress?.step ?? null,
    held:
      held === undefined
        ? null
        : {
            region,
            plan: held.plan,
            changes: held.changes,
            held: held.held,
            planHash: held.planHash,
          },
  };
}

/** The list of workflows lags behind, so the newest pass is looked at by itself. */
async function findLast(
  client: Client,
  region: string,
  newest: WorkflowExecutionDescription | undefined,
): Promise<LastPass | null> {
  if (newest === undefined) return null;
  const own = await readEnded(client, newest);
  if (own !== undefined) return own;
  const query = `WorkflowId = '${names.passWorkflowId(region)}' AND ExecutionStatus != 'Running'`;
  let looked = 0;
  for await (const execution of client.workflow.list({ query, pageSize: PASSES_MAX })) {
    const found = execution.runId === newest.runId ? undefined : await readEnded(client, execution);
    if (found !== undefined) return found;
    looked += 1;
    if (looked === PASSES_MAX) break;
  }
  return null;
}

type Ended = PassReport | FrozenPass | DestroyReport;

function isDestruction(report: Ended): report is DestroyReport {
  return report.outcome === 'destroyed' || report.outcome === 'incomplete';
}

/** `undefined` for a pass that is still under way, and for a dry run. */
async function readEnded(
  client: Client,
  { workflowId, runId, startTime, closeTime, status }: Omit<WorkflowExecutionInfo, 'raw'>,
): Promise<LastPass | undefined> {
  if (status.name === 'RUNNING' || closeTime === undefined) return undefined;
  const times = { runId, startedAt: startTime.toISOString(), endedAt: closeTime.toISOString() };
  try {
    const report = await client.workflow
      .getHandle<() => Promise<Ended>>(workflowId, runId, { followRuns: false })
      .result();
    if (report.outcome === 'planned') return undefined;
    const none = { ...times, outcome: report.outcome, message: null, frozen: null };
    if (isDestruction(report))
      return { ...none, message: `by innervisor destroy: deleted ${report.deleted} probes`, report: null };
    return report.outcome === 'frozen'
      ? { ...none, frozen: report.frozen, report: null }
      : { ...none, report };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { message } = describeError(error);
    return { ...times, outcome: outcomeOf(status.name), message, frozen: null, report: null };
  }
}

function outcomeOf(status: WorkflowExecutionInfo['status']['name']): LastPass['outcome'] {
  switch (status) {
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    case 'TIMED_OUT':
      return 'timed out';
    default:
      return 'failed';
  }
}
