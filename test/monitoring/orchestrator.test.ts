import { test } from 'vitest';
import { expectAlertsOf } from './support/promtool.ts';
import type { Series } from './support/series.ts';

/** Values by the minute, though samples come four times as often. */
function series(
  name: string,
  labels: Readonly<Record<string, string>>,
  ...spans: readonly (readonly [value: number, minutes: number])[]
): Series {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return {
    series: `${name}{${pairs.join(',')}}`,
    values: spans.flatMap(([value, minutes]) => Array<string>(minutes * 4).fill(String(value))).join(' '),
  };
}

/** A time stamp that is always of now, or of so many minutes before. */
function now(name: string, labels: Readonly<Record<string, string>>, minutes: number, before = 0): Series {
  const values = Array.from({ length: minutes * 4 }, (_, index) => index * 15 - before * 60).join(' ');
  return { ...series(name, labels), values };
}

const worker = (instance: string, ...spans: readonly (readonly [number, number])[]) =>
  series('up', { job: 'innervisor-worker', instance }, ...spans);
const LAB = { region: 'lab' };
const W1 = { ...LAB, instance: 'w1' };
/** Of a schedule that runs every 10 minutes. */
const DUE = now('innervisor_pass_due_timestamp_seconds', W1, 300, 30);

const noGoodPass = {
  alert: 'InnervisorNoGoodPass',
  labels: LAB,
  summary: 'The last three passes over lab have failed or not run; its probes are no longer kept in step',
};
const noWorker = {
  alert: 'InnervisorNoWorker',
  labels: {},
  summary: 'No worker of Innervisor runs; no region is looked after',
};

test('nothing fires while all is well', async () => {
  await expectAlertsOf(
    [
      worker('w1', [1, 240]),
      series('innervisor_worker_ready', { instance: 'w1' }, [1, 240]),
      DUE,
      now('innervisor_last_good_pass_timestamp_seconds', W1, 240),
      series('innervisor_guard_held', W1, [0, 240]),
      series('innervisor_last_pass_outcome', { ...W1, outcome: 'degraded' }, [0, 240]),
      series('innervisor_probes', { ...W1, state: 'missing' }, [0, 240]),
    ],
    { '1h': [], '3h50m': [] },
  );
});

test('one of two workers is down', async () => {
  const down = {
    alert: 'InnervisorWorkerDown',
    labels: { job: 'innervisor-worker', instance: 'w2' },
    summary: "The worker of Innervisor at w2 doesn't answer",
  };

  await expectAlertsOf([worker('w1', [1, 60]), worker('w2', [1, 10], [0, 50])], { '15m': [], '30m': [down] });
});

test('no worker runs, or none is scraped', async () => {
  const down = {
    alert: 'InnervisorWorkerDown',
    labels: { job: 'innervisor-worker', instance: 'w1' },
    summary: "The worker of Innervisor at w1 doesn't answer",
  };

  await expectAlertsOf([worker('w1', [1, 10], [0, 20])], {
    '10m': [],
    '16m': [noWorker],
    '25m': [noWorker, down],
    '50m': [noWorker],
  });
});

test('a worker has lost Temporal', async () => {
  const notReady = {
    alert: 'InnervisorWorkerNotReady',
    labels: { instance: 'w1' },
    summary: "The worker of Innervisor at w1 runs and isn't ready",
  };

  await expectAlertsOf(
    [worker('w1', [1, 30]), series('innervisor_worker_ready', { instance: 'w1' }, [1, 10], [0, 20])],
    { '15m': [], '25m': [notReady] },
  );
});

test('passes end badly, and one worker hears of it later than the other', async () => {
  const last = 'innervisor_last_good_pass_timestamp_seconds';

  await expectAlertsOf(
    [
      worker('w1', [1, 120]),
      DUE,
      series(last, W1, [600, 120]),
      series(last, { ...W1, instance: 'w2' }, [0, 120]),
      series('innervisor_guard_held', W1, [0, 120]),
    ],
    { '40m': [], '60m': [noGoodPass] },
  );
});

test('nights in which the calendar has no pass are no misses', async () => {
  const due = 'innervisor_pass_due_timestamp_seconds';

  await expectAlertsOf(
    [
      worker('w1', [1, 300]),
      // The last pass of the evening, at 40 minutes, went through; after three hours those of the morning don't come.
      series('innervisor_last_good_pass_timestamp_seconds', W1, [2520, 300]),
      series(due, W1, [0, 40], [1200, 20], [2400, 180], [14_400, 60]),
    ],
    { '230m': [], '250m': [], '270m': [noGoodPass] },
  );
});

test('the guard holds, which is told once', async () => {
  const held = {
    alert: 'InnervisorGuardHeld',
    labels: LAB,
    summary: 'The guard holds a plan for lab, and nothing is changed there until a person has looked',
  };

  await expectAlertsOf(
    [
      worker('w1', [1, 120]),
      DUE,
      series('innervisor_last_good_pass_timestamp_seconds', W1, [0, 120]),
      series('innervisor_guard_held', W1, [0, 30], [1, 90]),
    ],
    { '30m': [], '100m': [held] },
  );
});

test('a frozen region is expected to have no pass, and for a while after that', async () => {
  await expectAlertsOf(
    [
      worker('w1', [1, 300]),
      DUE,
      series('innervisor_last_good_pass_timestamp_seconds', W1, [0, 300]),
      series('innervisor_region_frozen', W1, [1, 120], [0, 180]),
    ],
    { '110m': [], '220m': [], '280m': [noGoodPass] },
  );
});

test('passes end degraded, and a hypervisor stays without a probe', async () => {
  const degraded = {
    alert: 'InnervisorRegionDegraded',
    labels: LAB,
    summary: "Passes over lab end degraded; some hypervisors there aren't watched, or not wholly",
  };
  const missing = {
    alert: 'InnervisorProbesMissing',
    labels: LAB,
    summary: '2 hypervisors of lab should carry a probe and have none',
  };

  await expectAlertsOf(
    [
      worker('w1', [1, 180]),
      series('innervisor_last_pass_outcome', { ...W1, outcome: 'degraded' }, [0, 10], [1, 170]),
      series('innervisor_probes', { ...W1, state: 'missing' }, [0, 10], [2, 170]),
    ],
    { '60m': [], '90m': [degraded], '150m': [degraded, missing] },
  );
});
