import { ScheduleNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import { memoKeys, names } from '../../workflows/contract.ts';
import { CliError } from '../errors.ts';

/** Whose a region's schedule is: one that doesn't say it was made by hand, under the id that is the region's. */
export type ScheduleOwner = 'ours' | 'foreign' | 'absent';

/** The installation that a schedule says it is of; `undefined` for one that doesn't say. */
export function ownerOf({ action }: Pick<ScheduleDescription, 'action'>): unknown {
  return action.memo?.[memoKeys.installation];
}

function isOwn(schedule: Pick<ScheduleDescription, 'action'>, installation: string): boolean {
  const owner = ownerOf(schedule);
  return owner === undefined || owner === installation;
}

/** Looks whose the schedule of a region is: two installations may share a namespace. */
export async function findScheduleOwner(
  client: Client,
  region: string,
  installation: string,
): Promise<ScheduleOwner> {
  try {
    const schedule = await client.schedule.getHandle(names.scheduleId(region)).describe();
    return isOwn(schedule, installation) ? 'ours' : 'foreign';
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return 'absent';
    throw error;
  }
}

/**
 * Looks whether this installation may change a schedule: its own may be changed, and one that doesn't say whose it is.
 * @throws CliError for another installation's.
 */
export function requireOwn(
  schedule: Pick<ScheduleDescription, 'action'>,
  { region, installation }: { readonly region: string; readonly installation: string },
): void {
  if (isOwn(schedule, installation)) return;
  const id = names.scheduleId(region);
  const owner = JSON.stringify(ownerOf(schedule));
  const message = `schedule ${id} is that of installation ${owner}, not of ${JSON.stringify(installation)}; it was left as it is`;
  throw new CliError(message, {
    hint: `take another name for the region, or another namespace; if that installation is no more: temporal schedule delete --schedule-id ${id}`,
  });
}

/** Removes the schedule of a region; one that is gone meanwhile is a success. */
export async function removeSchedule(client: Client, region: string): Promise<void> {
  try {
    await client.schedule.getHandle(names.scheduleId(region)).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
