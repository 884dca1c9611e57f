import { describe, expect, test } from 'vitest';
import { expectAlerts, onProbe, onRegion, onZone } from './support/promtool.ts';
import { TestRegion, type Condition } from './support/region.ts';

const DOWN: Partial<Condition> = { nodeUp: false, pingUp: false };
const SINCE_5 = { from: 5 };
const down = (region: TestRegion, name: string) =>
  onProbe(region, name, 'InnervisorProbeDown', `The probe on ${name} (lab) is down`);

describe('a probe that is down', () => {
  test('is told within ninety seconds, and its peers are not blamed', async () => {
    const region = new TestRegion({ a: 3, b: 3 }, 30).set(['a1'], { from: 5, until: 25 }, DOWN);

    await expectAlerts(region, {
      '5m': [],
      '6m': [down(region, 'a1')],
      '14m': [down(region, 'a1')],
      '24m': [down(region, 'a1')],
      '30m': [],
    });
  });

  test('is no alert for one scrape that failed', async () => {
    const region = new TestRegion({ a: 3 }, 8).set(['a1'], { from: 5, until: 5.25 }, DOWN);

    await expectAlerts(region, { '5m15s': [], '5m30s': [], '6m': [], '8m': [] });
  });

  test('is one alert for a zone', async () => {
    const region = new TestRegion({ a: 3, b: 4 }, 8).set(['a1', 'a2', 'a3'], SINCE_5, DOWN);

    const said = '100% of the probes in zone a of lab are down';
    await expectAlerts(region, { '5m': [], '8m': [onZone(region, 'a', 'InnervisorZoneProbesDown', said)] });
  });

  test('is one alert for a region', async () => {
    const region = new TestRegion({ a: 3, b: 3 }, 8).set(['a1', 'a2', 'a3', 'b1', 'b2'], SINCE_5, DOWN);

    const said = '83.33% of the probes in lab are down';
    await expectAlerts(region, { '5m': [], '8m': [onRegion(region, 'InnervisorRegionProbesDown', said)] });
  });
});

describe('a probe that comes or goes', () => {
  test('is no alert while it boots', async () => {
    const region = new TestRegion({ a: 4 }, 20)
      .set(['a1'], { from: 0, until: 5 }, { listed: false })
      .set(['a1'], { from: 5, until: 9 }, { ...DOWN, diskReady: false })
      .set(['a1'], { from: 9, until: 12 }, { diskReady: false, stolenShare: 0 });

    await expectAlerts(region, {
      '5m15s': [],
      '6m': [],
      '8m': [],
      '9m15s': [],
      '10m30s': [],
      '12m': [],
      '20m': [],
    });
  });

  test('is an alert when it does not come up in ten minutes', async () => {
    const region = new TestRegion({ a: 4 }, 18)
      .set(['a1'], { from: 0, until: 5 }, { listed: false })
      .set(['a1'], SINCE_5, DOWN);

    await expectAlerts(region, { '14m': [], '16m': [down(region, 'a1')] });
  });

  test('is no alert when it is removed, though its peers go on pinging it for a while', async () => {
    const region = new TestRegion({ a: 3, b: 3 }, 20)
      // Deleted at once after Prometheus was told, and before Prometheus has marked its series.
      .setNetwork(['a1'], { from: 5 }, { loss: 1 })
      .set(['a1'], { from: 5.5 }, { listed: false })
      .set(['a1'], { from: 5 }, { expected: false });

    await expectAlerts(region, {
      '5m15s': [],
      '5m30s': [],
      '5m45s': [],
      '6m': [],
      '6m30s': [],
      '8m': [],
      '20m': [],
    });
  });

  test('is no alert when another one takes its place for some minutes', async () => {
    const region = new TestRegion({ a: 4 }, 20)
      .set(['a1'], { from: 5, until: 9 }, { listed: false })
      .set(['a1'], { from: 9 }, { generation: 2 })
      .set(['a1'], { from: 9, until: 11 }, DOWN)
      .reset('a1', 11);

    await expectAlerts(region, {
      '5m15s': [],
      '8m': [],
      '9m15s': [],
      '10m': [],
      '11m15s': [],
      '13m': [],
      '20m': [],
    });
  });
});

describe('a hypervisor without a probe', () => {
  test('is told after a quarter of an hour', async () => {
    const region = new TestRegion({ a: 4 }, 24).set(['a1'], SINCE_5, { listed: false });

    const said = 'a1 (lab) should have a probe and has none';
    const labels = { region: 'lab', availability_zone: 'a', hypervisor: 'a1' };
    await expectAlerts(region, {
      '19m': [],
      '22m': [{ alert: 'InnervisorHypervisorUnmonitored', labels, summary: said }],
    });
  });

  test('is one alert for a region', async () => {
    const region = new TestRegion({ a: 4 }, 24).set(['a1', 'a2', 'a3'], SINCE_5, { listed: false });

    const said = '75% of the hypervisors in lab have no probe in Prometheus';
    await expectAlerts(region, { '9m': [], '24m': [onRegion(region, 'InnervisorRegionUnmonitored', said)] });
  });

  test('is none where there should be no probe', async () => {
    const region = new TestRegion({ a: 4 }, 24).set(['a1'], SINCE_5, { listed: false, expected: false });

    await expectAlerts(region, { '24m': [] });
  });
});

test.each([
  ['node', { nodeUp: false }],
  ['ping', { pingUp: false }],
] as const)('the %s exporter of a probe is away and the other is not', async (exporter, how) => {
  const region = new TestRegion({ a: 3 }, 9).set(['a1'], SINCE_5, how);

  const said = `The ${exporter} exporter on a1 (lab) is down, the other one answers`;
  await expectAlerts(region, {
    '5m30s': [],
    '9m': [onProbe(region, 'a1', 'InnervisorExporterDown', said, { exporter })],
  });
});

test('a disk that is never measured', async () => {
  const region = new TestRegion({ a: 3 }, 18).set(['a1'], SINCE_5, {
    diskReady: false,
    operationsPerSecond: 0,
  });

  const said = 'The disk of the probe on a1 (lab) is not measured';
  await expectAlerts(region, {
    '14m': [],
    '18m': [onProbe(region, 'a1', 'InnervisorDiskNotReady', said, { storage_class: 'rbd' })],
  });
});

test('fping that has no outcomes', async () => {
  const region = new TestRegion({ a: 3 }, 9).set(['a1'], SINCE_5, { outcomes: false });

  const stuck = ['mesh', 'public'].map((group) =>
    onProbe(
      region,
      'a1',
      'InnervisorPingStuck',
      `The probe on a1 (lab) has no outcomes of its ${group} pings`,
      { group },
    ),
  );
  expect(stuck).toHaveLength(2);
  await expectAlerts(region, { '5m45s': [], '9m': stuck });
});
