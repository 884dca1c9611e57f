import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
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

/** Creates the region's schedule or brings it up to date; applied again, it changes nothing. */
export async function applySchedule(client: Client, wanted: WantedSchedule): Promise<AppliedSchedule> {
  const scheduleId = names.scheduleId(wanted.region);
  const handle = client.schedule.getHandle(scheduleId);
  try {
    const present = await handle.describe();
    const [interval] = present.spec.intervals ?? [];
    const { action } = present;
    const same =
      present.spec.intervals?.length === 1 &&
      interval?.every === wanted.everyMs &&
      (present.spec.jitter ?? 0) === wanted.jitterMs &&
      action.taskQueue === wanted.taskQueue;
    if (same) return 'unchanged';
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
    // A missed pass is made up for once at most; the default window would replay a year.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: wanted.everyMs },
    action: wantedAction(wanted),
  };
}
