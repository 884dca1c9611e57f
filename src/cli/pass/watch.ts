import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import type { PassReport } from '../../domain/pass.ts';
import { names } from '../../workflows/contract.ts';
import { printable, printableValue } from '../terminal/printable.ts';
import { readSteps, type HistoryEvent, type Step } from './steps.ts';

const LOOK_EVERY_MS = 500;
const QUERY_WAIT_MS = 3_000;

/** The report as far as a pass has come, and the step that it is at, in its own words. */
export type Progress = Partial<PassReport> & {
  readonly step: string;
  /** The hash of the plan that waits for a person's word at this moment. */
  readonly awaitsApproval?: string | null;
};

/** A step that isn't done at the first try. */
export interface Retry {
  readonly activity: string;
  readonly attempt: number;
  readonly why: string;
}

/** A pass at one moment. All texts are fit for a terminal. */
export interface PassView {
  readonly region: string;
  readonly startedMs: number;
  /** `undefined` while no worker answers. */
  readonly progress: Progress | undefined;
  readonly steps: readonly Step[];
  readonly retries: readonly Retry[];
  /** What a step that is under way tells of itself, by activity. */
  readonly told: Readonly<Record<string, string>>;
}

/** Which run of which pass. */
export interface PassRun {
  readonly region: string;
  readonly runId: string;
}

/**
 * Looks at a pass twice a second until it has ended or the signal says stop, and gives each look. Steps come from its
 * history, so that none is missed between two looks.
 */
export async function* watchPass(
  client: Client,
  run: PassRun,
  signal: AbortSignal,
): AsyncGenerator<PassView> {
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  const events: HistoryEvent[] = [];
  const history = collectEvents(client, run, events, stopped);
  try {
    for (let isOpen = true; isOpen && !signal.aborted;) {
      isOpen = !(await Promise.race([history.then(() => true), delay(LOOK_EVERY_MS, false, { signal })]));
      yield await look(client, run, events);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop.abort();
    await history;
  }
}

/** What is to be seen of a pass now, whether it has ended or not. */
export async function lookAtPass(client: Client, run: PassRun): Promise<PassView> {
  const handle = client.workflow.getHandle(names.passWorkflowId(run.region), run.runId);
  const { events } = await handle.fetchHistory();
  return await look(client, run, events ?? []);
}

async function look(
  client: Client,
  { region, runId }: PassRun,
  events: readonly HistoryEvent[],
): Promise<PassView> {
  const handle = client.workflow.getHandle(names.passWorkflowId(region), runId);
  const [described, progress] = await Promise.all([
    handle.describe(),
    askForReport(client, { region, runId }),
  ]);
  return {
    region,
    startedMs: described.startTime.getTime(),
    progress: printableValue(progress),
    steps: printableValue(readSteps(events)),
    ...readPending(client, described),
  };
}

/** What a pass says of itself; `undefined` while no worker answers, and for a pass of a newer release. */
export async function askForReport(
  client: Client,
  { region, runId }: PassRun,
): Promise<Progress | undefined> {
  try {
    return await client.withDeadline(Date.now() + QUERY_WAIT_MS, () =>
      client.workflow.getHandle(names.passWorkflowId(region), runId).query<Progress>('report'),
    );
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function readPending(
  client: Client,
  { raw }: WorkflowExecutionDescription,
): Pick<PassView, 'retries' | 'told'> {
  const pending = (raw.pendingActivities ?? []).map((one) => ({
    activity: one.activityType?.name ?? '',
    attempt: one.attempt ?? 1,
    why: printable(one.lastFailure?.message ?? 'the last try was lost'),
    heartbeat: one.heartbeatDetails?.payloads?.[0],
  }));
  const converter = client.options.loadedDataConverter.payloadConverter;
  const told = pending.flatMap(({ activity, heartbeat }) => {
    const said = heartbeat == null ? undefined : converter.fromPayload<unknown>(heartbeat);
    return typeof said === 'string' ? [[activity, printable(said)] as const] : [];
  });
  return {
    retries: pending
      .filter(({ attempt }) => attempt > 1)
      .map(({ activity, attempt, why }) => ({ activity, attempt, why })),
    told: Object.fromEntries(told),
  };
}

/** Adds events as they come, until the pass has ended or the signal says stop. */
async function collectEvents(
  client: Client,
  { region, runId }: PassRun,
  events: HistoryEvent[],
  signal: AbortSignal,
): Promise<void> {
  const { namespace } = client.options;
  const execution = { workflowId: names.passWorkflowId(region), runId };
  let token: Uint8Array = new Uint8Array();
  try {
    do {
      const request = { namespace, execution, waitNewEvent: true, nextPageToken: token };
      const { history, nextPageToken } = await client.withAbortSignal(signal, () =>
        client.workflowService.getWorkflowExecutionHistory(request),
      );
      events.push(...(history?.events ?? []));
      token = nextPageToken;
    } while (token.length > 0);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The newest pass of a region; `undefined` where there has been none. */
export async function describeNewest(
  client: Client,
  region: string,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await client.workflow.getHandle(names.passWorkflowId(region)).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
