import {
  ScheduleNotFoundError,
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
} from '@temporalio/client';
import { memoKeys, names } from '../../workflows/contract.ts';
import { CliError } from '../errors.ts';
import { readCalendar } from './calendar.ts';
import { readTimeZone } from './wanted.ts';

/** What there is to know of a region's schedule. Times are ISO 8601. */
export interface ShownSchedule {
  readonly region: string;
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
 * @throws CliError where it has none.
 */
export async function withSchedule<T>(
  client: Client,
  region: string,
  use: (handle: ScheduleHandle) => Promise<T>,
): Promise<T> {
  try {
    return await use(handleOf(client, region));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new CliError(`${region} has no schedule`, { hint: 'innervisor schedule apply creates it' });
  }
}

/** The regions that have a schedule of this installation but aren't configured any more. */
export async function listLeftOver(
  client: Client,
  installation: string,
  configured: ReadonlySet<string>,
): Promise<readonly string[]> {
  const prefix = names.scheduleId('');
  const found: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) {
    const region = scheduleId.slice(prefix.length);
    if (!scheduleId.startsWith(prefix) || configured.has(region)) continue;
    // Another installation may use the same namespace; what doesn't say that it is ours isn't.
    const present = await describeIfThere(client.schedule.getHandle(scheduleId));
    if (present?.action.memo?.[memoKeys.installation] === installation) found.push(region);
  }
  return found.toSorted();
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

function describe(region: string, { state, spec, info }: ScheduleDescription): ShownSchedule {
  return {
    region,
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
