import { ScheduleOverlapPolicy, type ScheduleDescription, type ScheduleOptions } from '@temporalio/client';
import type { Config } from '../../config/index.ts';
import { names, type ReconcileInput } from '../../workflows/contract.ts';

/** One region's schedule as configuration wants it. */
export interface WantedSchedule {
  readonly installation: string;
  readonly region: string;
  readonly taskQueue: string;
  readonly everyMs: number;
  readonly jitterMs: number;
  readonly pauseOnFailure: boolean;
}

/** All that we set of a schedule, by names that people read. */
export type Settings = Readonly<Record<string, unknown>>;

/** The key in the memo of what a schedule starts, by which an installation knows its own. */
export const INSTALLATION_MEMO = 'innervisor_installation';

/** What the configuration says of a region's schedule. */
export function wantSchedule({ installation, regions, temporal }: Config, region: string): WantedSchedule {
  const schedule = regions[region]?.schedule;
  if (schedule === undefined) throw new RangeError(`no region ${region}`);
  return { installation, region, taskQueue: temporal.taskQueue, ...schedule };
}

/** The settings that a schedule should have; the same keys as {@link readSettings}. */
export function wantedSettings(wanted: WantedSchedule): Settings {
  const { type, workflowType, workflowId, taskQueue, args, memo } = wantedAction(wanted);
  const { overlap, catchupWindow, pauseOnFailure } = wantedPolicies(wanted);
  return {
    every: [{ every: wanted.everyMs, offset: 0 }],
    'other times': [],
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
  };
}

/** The settings that a schedule has, as the server tells it. */
export function readSettings({ spec, policies, action }: ScheduleDescription): Settings {
  const { workflowType, workflowId, taskQueue, args, memo } = action;
  return {
    every: spec.intervals?.map(({ every, offset }) => ({ every, offset: offset ?? 0 })) ?? [],
    'other times': [...(spec.calendars ?? []), ...(spec.skip ?? [])],
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
  };
}

/** What to create a schedule with, or to bring one up to date. */
export function wantedOptions(wanted: WantedSchedule): Omit<ScheduleOptions, 'scheduleId' | 'action'> & {
  action: ReturnType<typeof wantedAction>;
} {
  return {
    spec: { intervals: [{ every: wanted.everyMs }], jitter: wanted.jitterMs },
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
    memo: { [INSTALLATION_MEMO]: installation },
  } as const;
}
