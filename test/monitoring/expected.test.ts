import { test } from 'vitest';
import { expectAlertsOf } from './support/promtool.ts';
import type { Series } from './support/series.ts';

/** promtool evaluates all rules over two hours. */
const PATIENT = { timeout: 600_000 };
const SUMMARY = 'Nobody says any more which hypervisors of lab should carry a probe';
const UNKNOWN = { alert: 'InnervisorExpectedUnknown', labels: { region: 'lab' }, summary: SUMMARY };
const WORKER = 'up{job="innervisor-worker",instance="w1"}';
const PROBE =
  'up{job="innervisor",region="lab",availability_zone="a",hypervisor="a1",probe_id="1",probe="p",exporter="node"}';

/** A value each 15 seconds, by the second. */
function every(series: string, valueAt: (second: number) => number, minutes = 70): Series {
  const values = Array.from({ length: minutes * 4 }, (_, index) => valueAt(index * 15)).join(' ');
  return { series, values };
}

function up(minutes?: number): readonly Series[] {
  return [WORKER, PROBE].map((series) => every(series, () => 1, minutes));
}

function readBy(instance: string, lastSecond: number, minutes?: number): Series {
  const series = `innervisor_probe_expected_read_timestamp_seconds{region="lab",instance="${instance}"}`;
  return every(series, (second) => Math.min(second, lastSecond), minutes);
}

test('one worker that knows what should be there is enough', async () => {
  await expectAlertsOf([...up(), readBy('w1', Infinity), readBy('w2', 0)], { '1h8m': [] });
});

test('no worker has renewed the list for an hour', PATIENT, async () => {
  const minutes = 130;
  await expectAlertsOf([...up(minutes), readBy('w1', 120, minutes), readBy('w2', 0, minutes)], {
    '2h': [],
    '2h5m': [UNKNOWN],
  });
});

test('nobody scrapes what should be there', async () => {
  await expectAlertsOf(up(), { '55m': [], '1h5m': [UNKNOWN] });
});
