import { randomUUID } from 'node:crypto';
import { Client, Connection, ScheduleOverlapPolicy, type ScheduleUpdateOptions } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTemporal, type TemporalServer } from '../../lab/servers/temporal.ts';
import { applySchedule as apply } from '../../src/cli/schedule/apply.ts';
import { listLeftOver } from '../../src/cli/schedule/show.ts';
import type { WantedSchedule } from '../../src/cli/schedule/wanted.ts';
import { names } from '../../src/workflows/contract.ts';
import { eventually } from '../support/await.ts';

let server: TemporalServer;
let connection: Connection;
let client: Client;

beforeAll(async () => {
  server = await startTemporal();
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

/** A schedule of a region that no other test has; its passes are an hour away. */
function aSchedule(): WantedSchedule {
  const region = `r-${randomUUID().slice(0, 8)}`;
  const times = { everyMs: 3_600_000, calendar: null, jitterMs: 60_000, pauseOnFailure: false };
  return { installation: 'test', region, taskQueue: 'innervisor', ...times };
}

async function applySchedule(...args: Parameters<typeof apply>): Promise<string> {
  return (await apply(...args)).applied;
}

function handleOf({ region }: WantedSchedule) {
  return client.schedule.getHandle(names.scheduleId(region));
}

/** What there is of a schedule, without what the server counts and the zeros that it puts into the priority. */
async function settingsOf(wanted: WantedSchedule) {
  const { spec, action, policies, state } = await handleOf(wanted).describe();
  return { spec, action: { ...action, priority: undefined }, policies, state };
}

type Settings = ScheduleUpdateOptions;

describe('applying a schedule', () => {
  test('creates it, and applied again changes nothing', async () => {
    const wanted = aSchedule();

    expect(await applySchedule(client, wanted)).toBe('created');
    const { info } = await handleOf(wanted).describe();
    expect(await applySchedule(client, wanted)).toBe('unchanged');

    expect((await handleOf(wanted).describe()).info.lastUpdatedAt).toEqual(info.lastUpdatedAt);
    expect(await settingsOf(wanted)).toMatchObject({
      spec: { intervals: [{ every: 3_600_000 }], jitter: 60_000 },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 3_600_000 },
      action: {
        workflowType: 'reconcileRegion',
        taskQueue: 'innervisor',
        args: [{ region: wanted.region }],
      },
    });
  });

  test('follows the configuration', async () => {
    const before = aSchedule();
    const after = { ...before, everyMs: 7_200_000, jitterMs: 0, taskQueue: 'site-a' };
    await applySchedule(client, before);

    expect(await applySchedule(client, after)).toBe('changed');

    expect(await applySchedule(client, after)).toBe('unchanged');
    expect(await settingsOf(after)).toMatchObject({
      spec: { intervals: [{ every: 7_200_000 }] },
      policies: { catchupWindow: 7_200_000 },
      action: { taskQueue: 'site-a' },
    });
  });

  test.each<readonly [string, (settings: Settings) => Partial<Settings>]>([
    ['its input', ({ action }) => ({ action: { ...action, args: [{ region: 'another', dryRun: true }] } })],
    ['its workflow', ({ action }) => ({ action: { ...action, workflowType: 'another' } })],
    ['its workflow id', ({ action }) => ({ action: { ...action, workflowId: 'another' } })],
    ['its task queue', ({ action }) => ({ action: { ...action, taskQueue: 'another' } })],
    ['its overlap policy', ({ policies }) => ({ policies: { ...policies, overlap: 'ALLOW_ALL' } })],
    ['its catch-up window', ({ policies }) => ({ policies: { ...policies, catchupWindow: '1 day' } })],
    ['its pause on failure', ({ policies }) => ({ policies: { ...policies, pauseOnFailure: true } })],
    ['its interval', ({ spec }) => ({ spec: { ...spec, intervals: [{ every: '2 hours' }] } })],
    [
      'an offset',
      ({ spec }) => ({ spec: { ...spec, intervals: [{ every: '1 hour', offset: '1 minute' }] } }),
    ],
    ['its memo', ({ action }) => ({ action: { ...action, memo: {} } })],
    ['its jitter', ({ spec }) => ({ spec: { ...spec, jitter: '2 minutes' } })],
    ['a time of day', ({ spec }) => ({ spec: { ...spec, calendars: [{ hour: 3 }] } })],
    ['its time zone', ({ spec }) => ({ spec: { ...spec, timezone: 'Asia/Tokyo' } })],
    ['its summary', ({ action }) => ({ action: { ...action, staticSummary: 'mine' } })],
    ['times to skip', ({ spec }) => ({ spec: { ...spec, skip: [{ hour: 3 }] } })],
    ['how many passes are left', ({ state }) => ({ state: { ...state, remainingActions: 3 } })],
    [
      'how long a pass may take',
      ({ action }) => ({ action: { ...action, workflowExecutionTimeout: '1 minute' } }),
    ],
    ['how long a run may take', ({ action }) => ({ action: { ...action, workflowRunTimeout: '1 minute' } })],
    [
      'how long a task may take',
      ({ action }) => ({ action: { ...action, workflowTaskTimeout: '1 second' } }),
    ],
    ['how a pass is repeated', ({ action }) => ({ action: { ...action, retry: { maximumAttempts: 3 } } })],
    ['an end', ({ spec }) => ({ spec: { ...spec, endAt: new Date('2100-01-01T00:00:00Z') } })],
  ])('repairs a schedule of which somebody changed %s', async (_what, change) => {
    const wanted = aSchedule();
    await applySchedule(client, wanted);
    const right = await settingsOf(wanted);
    await handleOf(wanted).update((previous) => {
      const settings = previous as unknown as Settings;
      return { ...settings, ...change(settings) };
    });
    expect(await settingsOf(wanted)).not.toEqual(right);

    expect(await applySchedule(client, wanted)).toBe('changed');

    const note = expect.stringMatching(/^changed by .+@.+ at 20\S+Z$/) as string;
    expect(await settingsOf(wanted)).toEqual({ ...right, state: { ...right.state, note } });
    expect(await applySchedule(client, wanted)).toBe('unchanged');
  });

  test.each([
    ['0 3 * * *', 'UTC'],
    ['*/20 6-22 * * mon-fri', 'Europe/Luxembourg'],
    ['5,17 */6 1,15 jan,jul *', 'America/New_York'],
    ['30 4 * * 0,6-7', 'Asia/Tokyo'],
    ['10-50/20 1,2,3,7 * 2/5 *', 'UTC'],
  ])('by a calendar (%s in %s) it is the one that the server makes of that line', async (cron, timeZone) => {
    const wanted = { ...aSchedule(), calendar: { cron, timeZone } };

    expect(await applySchedule(client, wanted)).toBe('created');

    expect(await applySchedule(client, wanted)).toBe('unchanged');
    const { spec, info } = await handleOf(wanted).describe();
    expect(spec.timezone).toBe(timeZone);
    const theirs = client.schedule.getHandle(`oracle-${randomUUID()}`);
    const { scheduleId } = theirs;
    const { action } = await handleOf(wanted).describe();
    await client.schedule.create({
      scheduleId,
      action: { ...action, workflowId: scheduleId },
      // The server parses the line itself. It takes Sunday for 0 alone.
      spec: { cronExpressions: [cron.replace('0,6-7', '0,6')], timezone: timeZone, jitter: 60_000 },
    });
    const { nextActionTimes } = (await theirs.describe()).info;
    const minutes = (times: readonly Date[]) => times.map((at) => Math.floor(at.getTime() / 3_600_000));
    expect(minutes(info.nextActionTimes)).toEqual(minutes(nextActionTimes));
    expect(info.nextActionTimes.length).toBeGreaterThan(5);
  });

  test('goes from an interval to a calendar and back, and says so', async () => {
    const before = aSchedule();
    const after = { ...before, calendar: { cron: '0 3 * * *', timeZone: 'Europe/Luxembourg' } };
    await apply(client, before);

    expect((await apply(client, after)).differences).toEqual([
      { setting: 'every', was: [{ every: 3_600_000, offset: 0 }], is: [] },
      { setting: 'cron', was: [], is: ['0 3 * * *'] },
      { setting: 'time zone', was: 'UTC', is: 'Europe/Luxembourg' },
    ]);
    expect((await apply(client, before)).differences.map(({ setting }) => setting)).toEqual([
      ...['every', 'cron', 'time zone'],
    ]);
    expect((await apply(client, before)).applied).toBe('unchanged');
  });

  test('repairs a calendar of which somebody changed the times but not the comment', async () => {
    const wanted = { ...aSchedule(), calendar: { cron: '0 3 * * *', timeZone: 'UTC' } };
    await applySchedule(client, wanted);
    await handleOf(wanted).update((previous) => {
      const settings = previous as unknown as Settings;
      return { ...settings, spec: { ...settings.spec, calendars: [{ hour: 4, comment: '0 3 * * *' }] } };
    });

    expect((await apply(client, wanted)).differences).toMatchObject([{ setting: 'cron', is: ['0 3 * * *'] }]);
    expect(await applySchedule(client, wanted)).toBe('unchanged');
  });

  test('tells what it changes', async () => {
    const before = aSchedule();
    await apply(client, before);

    const { differences } = await apply(client, { ...before, jitterMs: 0, pauseOnFailure: true });

    expect(differences).toEqual([
      { setting: 'jitter', was: 60_000, is: 0 },
      { setting: 'pause on failure', was: false, is: true },
    ]);
  });

  test('leaves a schedule paused that somebody paused', async () => {
    const before = aSchedule();
    await applySchedule(client, before);
    await handleOf(before).pause('holiday');

    expect(await applySchedule(client, before)).toBe('unchanged');
    expect(await applySchedule(client, { ...before, everyMs: 7_200_000 })).toBe('changed');

    expect((await settingsOf(before)).state).toMatchObject({ paused: true, note: 'holiday' });
  });
});

describe('schedules of regions that are no longer configured', () => {
  test('are found for the installation that made them on its task queues, and only for it', async () => {
    const [ours, kept, theirs] = [aSchedule(), aSchedule(), { ...aSchedule(), installation: 'another' }];
    const farAway = { ...aSchedule(), taskQueue: 'site-b' };
    for (const wanted of [kept, theirs, farAway, ours]) await apply(client, wanted);
    const taskQueues = new Set(['innervisor']);
    const regions = new Set([kept.region]);
    const listed = async () => await listLeftOver(client, { installation: 'test', regions, taskQueues });

    const found = await eventually(
      async () => {
        const left = await listed();
        return left.own.includes(ours.region) && left.elsewhere.includes(farAway.region) ? left : undefined;
      },
      { describe: 'the server lists the schedule' },
    );

    expect(found.own).not.toContain(kept.region);
    expect(found.own).not.toContain(theirs.region);
    expect(found.own).not.toContain(farAway.region);
    expect(found.elsewhere).not.toContain(theirs.region);
  });
});
