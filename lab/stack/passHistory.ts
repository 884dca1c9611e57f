import { Client, Connection } from '@temporalio/client';

/** What a pass asks its worker for lists that show it, which is no step of what it does. */
const NO_STEP = 'describeInstallation';

/** What Temporal remembers of one pass. */
export interface PassHistory {
  /** History events of the pass and of the entry that ran it. */
  readonly events: number;
  /** Each step in the order of its first start, from then to its last end, retries and waiting for a worker included. */
  readonly steps: readonly { readonly name: string; readonly ms: number }[];
}

type FetchedEvents = NonNullable<
  Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>['events']
>;
type EventTime = FetchedEvents[number]['eventTime'];

/**
 * Reads the history of a region's newest pass.
 *
 * @param pass id of the pass as its report gives it; it ends in the beginning of the run's id.
 * @throws Error when the newest pass is another one.
 */
export async function readPassHistory(address: string, region: string, pass: string): Promise<PassHistory> {
  const connection = await Connection.connect({ address });
  try {
    const { workflow } = new Client({ connection });
    const child = workflow.getHandle(`region/${region}`);
    const { runId, parentExecution } = await child.describe();
    if (!pass.endsWith(runId.slice(0, 8))) throw new Error(`the newest pass is ${runId}, not ${pass}`);
    const entry = workflow.getHandle(parentExecution?.workflowId ?? '', parentExecution?.runId ?? '');
    const [own, entrys] = await Promise.all([child.fetchHistory(), entry.fetchHistory()]);
    const events = own.events ?? [];
    return { events: events.length + (entrys.events?.length ?? 0), steps: readSteps(events) };
  } finally {
    await connection.close();
  }
}

function readSteps(events: FetchedEvents): PassHistory['steps'] {
  const names = new Map<string, string>();
  const spans = new Map<string, { readonly fromMs: number; toMs: number }>();
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    const ended =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes;
    const atMs = toMs(event.eventTime);
    const name = scheduled?.activityType?.name ?? '';
    if (scheduled && name !== NO_STEP) {
      names.set(String(event.eventId), name);
      if (!spans.has(name)) spans.set(name, { fromMs: atMs, toMs: atMs });
    } else if (ended) {
      const span = spans.get(names.get(String(ended.scheduledEventId)) ?? '');
      if (span !== undefined) span.toMs = atMs;
    }
  }
  return [...spans].map(([name, { fromMs, toMs: endMs }]) => ({ name, ms: Math.round(endMs - fromMs) }));
}

function toMs(time: EventTime): number {
  return Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
}
