import {
  ScheduleNotFoundError,
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
} from '@temporalio/client';
import { names } from '../../workflows/contract.ts';
import { CliError } from '../errors.ts';
import { readCalendar } from './calendar.ts';
import { ownerOf, requireOwn } from './own.ts';
import { readTimeZone } from './wanted.ts';

/** What there is to know of a region's schedule. Times are ISO 8601. */
export interface ShownSchedule {
  readonly region: string;
  /** On which its passes run. */
  readonly taskQueue: string;
  /** The installation that it says it is of. */
  readonly installation: string | null;
  readonly paused: boolean;
  readonly note: string | null;
  readonly everyMs: readonly number[];
  /** Lines of cron; what none can say is told as `by hand`. */
  readonly cron: readonly string[];
  readonly timeZone: string;
  readonly jitterMs: number;
  /** The next starts, soonest first; none while it is paused. */
  readonly next: readonly string[];
  /** The last starts, newest first. */
  readonly recent: readonly { readonly at: string; readonly workflowId: string }[];
  /** How many starts were left out because the one before was still under way. */
  readonly skipped: number;
}

const NEXT_MAX = 3;
const RECENT_MAX = 5;

/** A region's schedule; `undefined` where there is none. */
export async function showSchedule(client: Client, region: string): Promise<ShownSchedule | undefined> {
  try {
    return describe(region, await handleOf(client, region).describe());
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/**
 * Does something to a region's schedule.
 * @throws CliError where it has none, or another installation's.
 */
export async function withSchedule<T>(
  client: Client,
  own: { readonly region: string; readonly installation: string },
  use: (handle: ScheduleHandle, present: ScheduleDescription) => Promise<T>,
): Promise<T> {
  const { region } = own;
  const handle = handleOf(client, region);
  try {
    const present = await handle.describe();
    requireOwn(present, own);
    return await use(handle, present);
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new CliError(`${region} has no schedule`, { hint: 'innervisor schedule apply creates it' });
  }
}

/** What a configuration knows, by which the schedules of its own regions are told from others. */
export interface Configured {
  readonly installation: string;
  readonly regions: ReadonlySet<string>;
  /** Schedules on others may be those of another site, with a configuration of its own. */
  readonly taskQueues: ReadonlySet<string>;
}

/** Regions that have a schedule of this installation but aren't configured; sorted. */
export interface LeftOver {
  /** Those on one of the configuration's task queues: they were in it. */
  readonly own: readonly string[];
  /** Those on other task queues, which may be another site's. */
  readonly elsewhere: readonly string[];
}

/** The schedules of this installation that no region of this configuration has. */
export async function listLeftOver(
  client: Client,
  { installation, regions, taskQueues }: Configured,
): Promise<LeftOver> {
  const prefix = names.scheduleId('');
  const own: string[] = [];
  const elsewhere: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) {
    const region = scheduleId.slice(prefix.length);
    if (!scheduleId.startsWith(prefix) || regions.has(region)) continue;
    // Another installation may use the same namespace; what doesn't say that it is ours isn't.
    const present = await describeIfThere(client.schedule.getHandle(scheduleId));
    if (present === undefined || ownerOf(present) !== installation) continue;
    (taskQueues.has(present.action.taskQueue) ? own : elsewhere).push(region);
  }
  return { own: own.toSorted(), elsewhere: elsewhere.toSorted() };
}

/** The list of schedules lags behind: one that has just been deleted may still be in it. */
async function describeIfThere(handle: ScheduleHandle): Promise<ScheduleDescription | undefined> {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function handleOf(client: Client, region: string): ScheduleHandle {
  return client.schedule.getHandle(names.scheduleId(region));
}

function describe(region: string, schedule: ScheduleDescription): ShownSchedule {
  const { state, spec, info, action } = schedule;
  const owner = ownerOf(schedule);
  return {
    region,
    taskQueue: action.taskQueue,
    installation: typeof owner === 'string' ? owner : null,
    paused: state.paused,
    note: state.note ?? null,
    everyMs: spec.intervals?.map(({ every }) => every) ?? [],
    cron: (spec.calendars ?? [])
      .map(readCalendar)
      .map((line) => (typeof line === 'string' ? line : 'by hand')),
    timeZone: readTimeZone(spec),
    jitterMs: spec.jitter ?? 0,
    next: state.paused ? [] : info.nextActionTimes.slice(0, NEXT_MAX).map((at) => at.toISOString()),
    recent: info.recentActions
      .toReversed()
      .slice(0, RECENT_MAX)
      .map(({ takenAt, action }) => ({ at: takenAt.toISOString(), workflowId: action.workflow.workflowId })),
    skipped: info.numActionsSkippedOverlap,
  };
}
