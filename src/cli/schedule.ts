import { isDeepStrictEqual } from 'node:util';
import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
} from '@temporalio/client';
import { names, type ReconcileInput } from '../workflows/contract.ts';

/** One region's schedule as configuration wants it. */
export interface WantedSchedule {
  readonly region: string;
  readonly taskQueue: string;
  readonly everyMs: number;
  readonly jitterMs: number;
}

/** What `schedule apply` did about a region. */
export type AppliedSchedule = 'created' | 'changed' | 'unchanged';

/**
 * Creates the region's schedule or brings it up to date; applied again, it changes nothing. A schedule that somebody
 * has paused stays so.
 */
export async function applySchedule(client: Client, wanted: WantedSchedule): Promise<AppliedSchedule> {
  const scheduleId = names.scheduleId(wanted.region);
  const handle = client.schedule.getHandle(scheduleId);
  try {
    const present = await handle.describe();
    if (isDeepStrictEqual(settingsOf(present), wantedSettings(wanted))) return 'unchanged';
    const { spec, policies } = wantedOptions(wanted);
    await handle.update((previous) => ({
      ...previous,
      spec,
      policies: policies ?? {},
      action: { ...previous.action, ...wantedAction(wanted) },
    }));
    return 'changed';
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    await client.schedule.create({ scheduleId, ...wantedOptions(wanted) });
    return 'created';
  }
}

/** All that we set of a schedule, as the server tells it. */
function settingsOf({ spec, policies, action }: ScheduleDescription) {
  const { workflowType, workflowId, taskQueue, args } = action;
  return {
    intervals: spec.intervals?.map(({ every, offset }) => ({ every, offset: offset ?? 0 })) ?? [],
    otherTimes: (spec.calendars?.length ?? 0) + (spec.skip?.length ?? 0) > 0,
    bounds: [spec.startAt, spec.endAt],
    jitter: spec.jitter ?? 0,
    policies: {
      overlap: policies.overlap,
      catchupWindow: policies.catchupWindow,
      pauseOnFailure: policies.pauseOnFailure,
    },
    action: { type: action.type, workflowType, workflowId, taskQueue, args: args ?? [] },
  };
}

/** What {@link settingsOf} tells of a schedule that is as we want it. */
function wantedSettings(wanted: WantedSchedule): ReturnType<typeof settingsOf> {
  const { type, workflowType, workflowId, taskQueue, args } = wantedAction(wanted);
  return {
    intervals: [{ every: wanted.everyMs, offset: 0 }],
    otherTimes: false,
    bounds: [undefined, undefined],
    jitter: wanted.jitterMs,
    policies: { ...wantedPolicies(wanted), pauseOnFailure: false },
    action: { type, workflowType, workflowId, taskQueue, args: [...args] },
  };
}

/** A missed pass is made up for once at most; the default window would replay a year. */
function wantedPolicies({ everyMs }: WantedSchedule) {
  return { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: everyMs };
}

function wantedAction({ region, taskQueue }: WantedSchedule) {
  const input: ReconcileInput = { region };
  return {
    type: 'startWorkflow',
    workflowType: names.reconcileRegion,
    workflowId: `scheduled/${region}`,
    taskQueue,
    args: [input],
  } as const;
}

function wantedOptions(wanted: WantedSchedule): Omit<ScheduleOptions, 'scheduleId' | 'action'> & {
  action: ReturnType<typeof wantedAction>;
} {
  return {
    spec: { intervals: [{ every: wanted.everyMs }], jitter: wanted.jitterMs },
    policies: wantedPolicies(wanted),
    action: wantedAction(wanted),
  };
}
