import { test } from 'vitest';
import { DEFAULT_LINKS } from '../../monitoring/prometheus/render.ts';
import { DEFAULT_POLICY, DEFAULT_THRESHOLDS } from '../../monitoring/prometheus/thresholds.ts';
import { expectAlerts, onProbe, onRegion, onZone } from './support/promtool.ts';
import { TestRegion } from './support/region.ts';

const HALF = { stolenShare: 0.5 };

const overloaded = (region: TestRegion, name: string, share: string) =>
  onProbe(
    region,
    name,
    'InnervisorHypervisorSteal',
    `${name} (lab) is overloaded: machines there wait for ${share} of the CPU time that they ask for`,
  );

test('an overloaded hypervisor is told within ninety seconds, and not for long after it is well', async () => {
  const region = new TestRegion({ a: 3, b: 3 }, 13).set(['a1'], { from: 5, until: 9 }, HALF);

  await expectAlerts(region, {
    '5m': [],
    '6m30s': [overloaded(region, 'a1', '50%')],
    '8m': [overloaded(region, 'a1', '50%')],
    '13m': [],
  });
});

test('restarts of the probe, which reset its counters, change nothing', async () => {
  const region = new TestRegion({ a: 3 }, 12).set(['a1'], { from: 4 }, HALF);
  // For longer than an alert goes on by itself.
  for (const at of [8, 8.75, 9.5, 10.25]) region.reset('a1', at).reset('a2', at);

  await expectAlerts(region, {
    '7m45s': [overloaded(region, 'a1', '50%')],
    '8m30s': [overloaded(region, 'a1', '50%')],
    '10m30s': [overloaded(region, 'a1', '50%')],
    '12m': [overloaded(region, 'a1', '50%')],
  });
});

test('of two hypervisors each is told by itself', async () => {
  const region = new TestRegion({ a: 2 }, 8).set(['a2'], { from: 5 }, HALF);

  await expectAlerts(region, { '8m': [overloaded(region, 'a2', '50%')] });
});

test('an overloaded zone is one alert, also where it is most of its region', async () => {
  const region = new TestRegion({ a: 5, b: 3 }, 8).set(['a1', 'a2', 'a3', 'a4', 'a5'], { from: 5 }, HALF);

  const said = '100% of the hypervisors in zone a of lab are overloaded';
  await expectAlerts(region, { '5m': [], '8m': [onZone(region, 'a', 'InnervisorZoneSteal', said)] });
});

test('an overloaded region is one alert', async () => {
  const region = new TestRegion({ a: 3, b: 3 }, 8).set(['a1', 'a2', 'b1', 'b2'], { from: 5 }, HALF);

  const said = '66.67% of the hypervisors in lab are overloaded';
  await expectAlerts(region, { '5m': [], '8m': [onRegion(region, 'InnervisorRegionSteal', said)] });
});

test('where some stolen time is usual, more than that is needed', async () => {
  const region = new TestRegion({ a: 4 }, 8)
    .set(['a1', 'a2', 'a3', 'a4'], { from: 0 }, { stolenShare: 0.15 })
    .set(['a1'], { from: 5 }, { stolenShare: 0.28 })
    .set(['a2'], { from: 5 }, { stolenShare: 0.4 });

  await expectAlerts(region, { '8m': [overloaded(region, 'a2', '40%')] });
});

test('a region has the thresholds that its configuration says', async () => {
  const region = new TestRegion({ a: 4 }, 8)
    .set(['a1'], { from: 5 }, HALF)
    .set(['a2'], { from: 5 }, { stolenShare: 0.7 });
  const lab = { ...DEFAULT_POLICY, alerts: { ...DEFAULT_THRESHOLDS, stealShare: 0.6 } };

  await expectAlerts(
    region,
    { '8m': [overloaded(region, 'a2', '70%')] },
    { regions: { lab, other: DEFAULT_POLICY }, links: DEFAULT_LINKS },
  );
});

test('what a displaced probe measures is not told of the hypervisor in its labels', async () => {
  const region = new TestRegion({ a: 4 }, 8)
    .set(['a1'], { from: 3 }, { displaced: true })
    .set(['a1'], { from: 4 }, { stolenShare: 0.9, slowShare: 0.9, publicLoss: () => 1 });

  await expectAlerts(region, { '8m': [] });
});
