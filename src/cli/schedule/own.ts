import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import { memoKeys, names } from '../../workflows/contract.ts';

/** Whose a region's schedule is: one that doesn't say it was made by hand, under the id that is the region's. */
export type ScheduleOwner = 'ours' | 'foreign' | 'absent';

/** Looks whose the schedule of a region is: two installations may share a namespace. */
export async function findScheduleOwner(
  client: Client,
  region: string,
  installation: string,
): Promise<ScheduleOwner> {
  try {
    const { action } = await client.schedule.getHandle(names.scheduleId(region)).describe();
    const owner = action.memo?.[memoKeys.installation];
    return owner === undefined || owner === installation ? 'ours' : 'foreign';
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return 'absent';
    throw error;
  }
}

/** Removes the schedule of a region; one that is gone meanwhile is a success. */
export async function removeSchedule(client: Client, region: string): Promise<void> {
  try {
    await client.schedule.getHandle(names.scheduleId(region)).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
