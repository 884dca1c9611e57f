import { ScheduleOverlapPolicy, type ScheduleDescription, type ScheduleOptions } from '@temporalio/client';
import { taskQueueOf, type Config } from '../../config/index.ts';
import { memoKeys, names, type ReconcileInput } from '../../workflows/contract.ts';
import { calendarOf, readCalendar } from './calendar.ts';

/** One region's schedule as configuration wants it. */
export interface WantedSchedule {
  readonly installation: string;
  readonly region: string;
  readonly taskQueue: string;
  /** Time between two passes; by a calendar, the shortest. */
  readonly everyMs: number;
  /** Times of day in place of an interval. */
  readonly calendar: { readonly cron: string; readonly timeZone: string } | null;
  readonly jitterMs: number;
  readonly pauseOnFailure: boolean;
}

/** Temporal's own. The `temporal` command writes it out, as it does 0 where there is no limit. */
const TASK_TIMEOUT_MS = 10_000;

/** All that we set of a schedule, or leave as Temporal has it, by names that people read. */
export type Settings = Readonly<Record<string, unknown>>;

/** What the configuration says of a region's schedule. */
export function wantSchedule(config: Config, region: string): WantedSchedule {
  const { installation, regions } = config;
  const schedule = regions[region]?.schedule;
  if (schedule === undefined) throw new RangeError(`no region ${region}`);
  return { installation, region, taskQueue: taskQueueOf(config, region), ...schedule };
}

/** The settings that a schedule should have; the same keys as {@link readSettings}. */
export function wantedSettings(wanted: WantedSchedule): Settings {
  const { type, workflowType, workflowId, taskQueue, args, memo, ...shown } = wantedAction(wanted);
  const { overlap, catchupWindow, pauseOnFailure } = wantedPolicies(wanted);
  return {
    every: wanted.calendar === null ? [{ every: wanted.everyMs, offset: 0 }] : [],
    cron: wanted.calendar === null ? [] : [wanted.calendar.cron],
    'time zone': wanted.calendar?.timeZone ?? 'UTC',
    'times left out': [],
    bounds: [null, null],
    jitter: wanted.jitterMs,
    'overlap policy': overlap,
    'catch-up window': catchupWindow,
    'pause on failure': pauseOnFailure,
    action: type,
    workflow: workflowType,
    'workflow id': workflowId,
    'task queue': taskQueue,
    input: [...args],
    memo,
    summary: shown.staticSummary,
    details: shown.staticDetails,
    'passes left': null,
    'execution timeout': 0,
    'run timeout': 0,
    'task timeout': TASK_TIMEOUT_MS,
    retries: null,
  };
}

/** The settings that a schedule has, as the server tells it. */
export function readSettings({ spec, policies, action, state }: ScheduleDescription): Settings {
  const { workflowType, workflowId, taskQueue, args, memo, staticSummary, staticDetails } = action;
  return {
    every: spec.intervals?.map(({ every, offset }) => ({ every, offset: offset ?? 0 })) ?? [],
    cron: spec.calendars?.map(readCalendar) ?? [],
    'time zone': readTimeZone(spec),
    'times left out': spec.skip ?? [],
    bounds: [spec.startAt ?? null, spec.endAt ?? null],
    jitter: spec.jitter ?? 0,
    'overlap policy': policies.overlap,
    'catch-up window': policies.catchupWindow,
    'pause on failure': policies.pauseOnFailure,
    action: action.type,
    workflow: workflowType,
    'workflow id': workflowId,
    'task queue': taskQueue,
    input: args ?? [],
    memo: memo ?? {},
    summary: staticSummary,
    details: staticDetails,
    'passes left': state.remainingActions ?? null,
    'execution timeout': readTimeout(action.workflowExecutionTimeout, 0),
    'run timeout': readTimeout(action.workflowRunTimeout, 0),
    'task timeout': readTimeout(action.workflowTaskTimeout, TASK_TIMEOUT_MS),
    retries: action.retry ?? null,
  };
}

/** In ms, as the server tells each; a timeout that isn't set is Temporal's own. */
function readTimeout(timeout: unknown, ownMs: number): unknown {
  return timeout ?? ownMs;
}

/** Without a name it is UTC. */
export function readTimeZone({ timezone = '' }: ScheduleDescription['spec']): string {
  return timezone === '' ? 'UTC' : timezone;
}

/** What to create a schedule with, or to bring one up to date. */
export function wantedOptions(wanted: WantedSchedule): Omit<ScheduleOptions, 'scheduleId' | 'action'> & {
  action: ReturnType<typeof wantedAction>;
} {
  const { calendar, everyMs, jitterMs } = wanted;
  return {
    spec: {
      ...(calendar === null
        ? { intervals: [{ every: everyMs }] }
        : { calendars: [calendarOf(calendar.cron)], timezone: calendar.timeZone }),
      jitter: jitterMs,
    },
    policies: wantedPolicies(wanted),
    action: wantedAction(wanted),
  };
}

/** A missed pass is made up for once at most; the default window would replay a year. */
function wantedPolicies({ everyMs, pauseOnFailure }: WantedSchedule) {
  return { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: everyMs, pauseOnFailure };
}

function wantedAction({ installation, region, taskQueue }: WantedSchedule) {
  const input: ReconcileInput = { region };
  return {
    type: 'startWorkflow',
    workflowType: names.reconcileRegion,
    workflowId: `scheduled/${region}`,
    taskQueue,
    args: [input],
    memo: { [memoKeys.installation]: installation, [memoKeys.region]: region },
    staticSummary: `scheduled pass over ${region}`,
    staticDetails: `Started by schedule \`${names.scheduleId(region)}\` of installation **${installation}**; see workflow \`${names.passWorkflowId(region)}\`.`,
  } as const;
}
