import { isDeepStrictEqual } from 'node:util';
import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import { names } from '../../workflows/contract.ts';
import { noteOf } from './note.ts';
import { requireOwn } from './own.ts';
import { readSettings, wantedOptions, wantedSettings, type Settings, type WantedSchedule } from './wanted.ts';

/** A setting of a schedule that isn't as it should be. */
export interface Difference {
  readonly setting: string;
  readonly was: unknown;
  readonly is: unknown;
}

/** What `schedule apply` did about a region. */
export interface AppliedSchedule {
  readonly region: string;
  readonly applied: 'created' | 'changed' | 'unchanged';
  /** What was changed. */
  readonly differences: readonly Difference[];
}

/**
 * Creates the region's schedule or brings it up to date; applied again, it changes nothing. A schedule that somebody
 * has paused stays so, with its note.
 * @throws CliError where another installation has one for the region.
 */
export async function applySchedule(client: Client, wanted: WantedSchedule): Promise<AppliedSchedule> {
  const { region } = wanted;
  const scheduleId = names.scheduleId(region);
  const handle = client.schedule.getHandle(scheduleId);
  try {
    const present = await handle.describe();
    requireOwn(present, wanted);
    const differences = compare(readSettings(present), wantedSettings(wanted));
    if (differences.length === 0) return { region, applied: 'unchanged', differences };
    const { spec, policies, action } = wantedOptions(wanted);
    await handle.update(({ state: { remainingActions: _any, ...state }, ...previous }) => ({
      ...previous,
      spec,
      policies: policies ?? {},
      action,
      state: state.paused ? state : { ...state, note: noteOf('changed') },
    }));
    return { region, applied: 'changed', differences };
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    const state = { note: noteOf('created') };
    await client.schedule.create({ scheduleId, ...wantedOptions(wanted), state });
    return { region, applied: 'created', differences: [] };
  }
}

function compare(present: Settings, wanted: Settings): readonly Difference[] {
  return Object.entries(wanted)
    .map(([setting, is]) => ({ setting, was: present[setting], is }))
    .filter(({ was, is }) => !isDeepStrictEqual(was, is));
}
