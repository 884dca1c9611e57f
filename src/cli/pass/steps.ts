import { defaultPayloadConverter, type WorkflowHandle } from '@temporalio/client';
import { NO_STEP } from '../../workflows/contract.ts';

/** An event of a workflow's history, as Temporal's API has it. */
export type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** What failed about one probe, as a step's result tells it. */
export interface ProbeFailure {
  readonly hypervisor: string;
  readonly message: string;
}

/** One step of a pass, as its history shows it. */
export interface Step {
  /** Name of the activity. */
  readonly activity: string;
  readonly state: 'running' | EndState;
  /** How often it was asked for, and how many of these have ended: new probes are created in slices. */
  readonly calls: number;
  readonly ended: number;
  /** In ms since 1970; `endedMs` is null while it runs. */
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** What its results count, by name, added up. */
  readonly counts: Readonly<Record<string, number>>;
  readonly probeFailures: readonly ProbeFailure[];
  /** Its own words where the step itself failed. */
  readonly failure: string | null;
}

type EndState = 'done' | 'failed' | 'cancelled';
type Writable = { -readonly [Key in keyof Step]: Step[Key] };

/** The steps in the order in which they began; calls of one activity that follow each other are one step. */
export function readSteps(events: readonly HistoryEvent[]): readonly Step[] {
  const steps: Writable[] = [];
  const byEvent = new Map<string, Writable>();
  for (const event of events) {
    const atMs = toMs(event.eventTime);
    const scheduled = event.activityTaskScheduledEventAttributes;
    const activity = scheduled?.activityType?.name ?? '';
    if (scheduled && activity !== NO_STEP) {
      const last = steps.at(-1);
      const step = last?.activity === activity ? last : begin(steps, activity, atMs);
      step.calls += 1;
      byEvent.set(String(event.eventId), step);
    }
    const end = endOf(event);
    const step = end === undefined ? undefined : byEvent.get(end.scheduled);
    if (end !== undefined && step !== undefined) finish(step, end, atMs);
  }
  return steps.map((step) => (step.ended < step.calls ? { ...step, state: 'running', endedMs: null } : step));
}

/** An activity's name as people write it: `create probes` for `createProbes`. */
export function nameStep(activity: string): string {
  return activity.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

function begin(steps: Writable[], activity: string, startedMs: number): Writable {
  const none = { calls: 0, ended: 0, endedMs: null, counts: {}, probeFailures: [], failure: null };
  const step: Writable = { activity, state: 'done', startedMs, ...none };
  steps.push(step);
  return step;
}

function finish(step: Writable, end: End, atMs: number): void {
  step.ended += 1;
  step.endedMs = atMs;
  // One slice that failed makes the step a failed one, however the others ended.
  if (end.state !== 'done') step.state = end.state;
  step.failure = end.failure ?? step.failure;
  const { failures, ...result } = (end.result ?? {}) as Record<string, unknown>;
  step.counts = add(step.counts, result);
  if (Array.isArray(failures)) step.probeFailures = [...step.probeFailures, ...(failures as ProbeFailure[])];
}

interface End {
  readonly scheduled: string;
  readonly state: EndState;
  readonly result?: unknown;
  readonly failure?: string;
}

function endOf(event: HistoryEvent): End | undefined {
  const {
    activityTaskCompletedEventAttributes: completed,
    activityTaskFailedEventAttributes: failed,
    activityTaskTimedOutEventAttributes: timedOut,
    activityTaskCanceledEventAttributes: cancelled,
  } = event;
  if (completed) {
    const payload = completed.result?.payloads?.[0];
    const result = payload == null ? undefined : defaultPayloadConverter.fromPayload(payload);
    return { scheduled: String(completed.scheduledEventId), state: 'done', result };
  }
  if (cancelled) return { scheduled: String(cancelled.scheduledEventId), state: 'cancelled' };
  const lost = failed ?? timedOut;
  if (!lost) return undefined;
  return {
    scheduled: String(lost.scheduledEventId),
    state: 'failed',
    failure: lost.failure?.message ?? 'without a reason',
  };
}

/** Numbers at the top of a result are counts, but for times and the generation of a document. */
function add(counts: Step['counts'], result: Readonly<Record<string, unknown>>): Step['counts'] {
  const own = Object.entries(result).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && !/Ms$|^generation$/.test(entry[0]),
  );
  return { ...counts, ...Object.fromEntries(own.map(([key, value]) => [key, (counts[key] ?? 0) + value])) };
}

function toMs(time: HistoryEvent['eventTime']): number {
  return Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
}
