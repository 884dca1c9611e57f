import { test } from 'vitest';
import { DEFAULT_LINKS, type RuleSettings } from '../../monitoring/prometheus/render.ts';
import { DEFAULT_POLICY, DEFAULT_THRESHOLDS } from '../../monitoring/prometheus/thresholds.ts';
import { expectAlerts, onProbe, onRegion, onZone } from './support/promtool.ts';
import { TestRegion, type Condition } from './support/region.ts';
import { TARGETS } from './support/series.ts';

const LOSES: Partial<Condition> = { publicLoss: () => 0.5 };
const SLOW: Partial<Condition> = { publicSeconds: 0.15 };
const SINCE_5 = { from: 5 };
const CENTRALIZED: RuleSettings = {
  regions: { lab: { ...DEFAULT_POLICY, alerts: { ...DEFAULT_THRESHOLDS, publicPath: 'centralized' } } },
  links: DEFAULT_LINKS,
};
const lossTo = (...targets: readonly string[]): Partial<Condition> => ({
  publicLoss: (target) => (targets.includes(target) ? 1 : 0),
});

test('one hypervisor loses what it sends to the Internet', async () => {
  const region = new TestRegion({ a: 3, b: 3 }, 9).set(['a1'], SINCE_5, LOSES).reset('a1', 8);

  const said = 'a1 (lab) loses 50% of the packets to the Internet';
  const loss = [onProbe(region, 'a1', 'InnervisorHypervisorPublicLoss', said)];
  await expectAlerts(region, { '5m': [], '6m30s': loss, '9m': loss });
});

test('who loses packets in the local network is told by that alone', async () => {
  const region = new TestRegion({ a: 3, b: 3 }, 8)
    .setNetwork(['a1'], SINCE_5, { loss: 0.4 })
    .set(['a1', 'b1'], SINCE_5, LOSES);

  await expectAlerts(region, {
    '8m': [
      onProbe(
        region,
        'a1',
        'InnervisorHypervisorMeshLoss',
        'The local network of a1 (lab) loses 40% of the packets',
      ),
      onProbe(
        region,
        'b1',
        'InnervisorHypervisorPublicLoss',
        'b1 (lab) loses 50% of the packets to the Internet',
      ),
    ],
  });
});

test.each([
  ['zone', ['a1', 'a2', 'a3']],
  ['region', ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'b4', 'b5']],
] as const)('so is a %s', async (scope, names) => {
  const region = new TestRegion({ a: 3, b: 5 }, 8)
    .setNetwork(names, SINCE_5, { loss: 0.4 })
    .set(names, SINCE_5, LOSES);

  await expectAlerts(region, {
    '8m': [
      scope === 'zone'
        ? onZone(
            region,
            'a',
            'InnervisorZoneMeshLoss',
            '100% of the hypervisors in zone a of lab lose packets in the local network',
          )
        : onRegion(
            region,
            'InnervisorRegionMeshLoss',
            '100% of the hypervisors in lab lose packets in the local network',
          ),
    ],
  });
});

test('two of three targets must fail', async () => {
  const region = new TestRegion({ a: 4 }, 9)
    .set(['a1'], SINCE_5, lossTo(TARGETS[0]))
    .set(['a2'], SINCE_5, lossTo(TARGETS[0], TARGETS[2]));

  const said = 'a2 (lab) loses 66.67% of the packets to the Internet';
  await expectAlerts(region, { '9m': [onProbe(region, 'a2', 'InnervisorHypervisorPublicLoss', said)] });
});

test('a target that is down is told as that, for the whole region', async () => {
  const region = new TestRegion({ a: 3, b: 3 }, 9).set(
    ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'],
    SINCE_5,
    lossTo(TARGETS[0]),
  );

  const said = 'The public target 192.0.2.1 loses 100% of the packets from everywhere in lab';
  await expectAlerts(region, {
    '5m': [],
    '9m': [onRegion(region, 'InnervisorPublicTargetDown', said, { target: TARGETS[0] })],
  });
});

test.each([
  ['loss', LOSES, 'InnervisorRegionPublicLoss', 'lose packets to the Internet'],
  ['delay', SLOW, 'InnervisorRegionPublicSlow', 'have a slow way to the Internet'],
] as const)('%s that most of the region sees is one alert', async (_, how, alert, does) => {
  const region = new TestRegion({ a: 3, b: 3 }, 8).set(['a1', 'a2', 'b1', 'b2', 'b3'], SINCE_5, how);

  const said = `83.33% of the hypervisors in lab ${does}`;
  await expectAlerts(region, {
    '5m': [],
    '6m30s': [onRegion(region, alert, said)],
    '8m': [onRegion(region, alert, said)],
  });
});

test.each([
  ['loss', LOSES, 'InnervisorZonePublicLoss', 'lose packets to the Internet'],
  ['delay', SLOW, 'InnervisorZonePublicSlow', 'have a slow way to the Internet'],
] as const)('%s that one zone sees is one alert', async (_, how, alert, does) => {
  const region = new TestRegion({ a: 3, b: 3 }, 8).set(['a1', 'a2', 'a3'], SINCE_5, how);

  const said = `100% of the hypervisors in zone a of lab ${does}`;
  await expectAlerts(region, { '5m': [], '8m': [onZone(region, 'a', alert, said)] });
});

test('one hypervisor has a slow way to the Internet', async () => {
  const region = new TestRegion({ a: 3, b: 3 }, 8).set(['a1'], SINCE_5, SLOW);

  const said = 'a1 (lab) needs 175ms for a round trip to the Internet';
  await expectAlerts(region, {
    '5m': [],
    '8m': [onProbe(region, 'a1', 'InnervisorHypervisorPublicSlow', said)],
  });
});

test('targets that are far away are usual', async () => {
  const region = new TestRegion({ a: 3 }, 8).set(['a1', 'a2', 'a3'], { from: 0 }, SLOW);

  await expectAlerts(region, { '8m': [] });
});

test('where all traffic leaves through one gateway, no hypervisor and no zone is blamed', async () => {
  const region = new TestRegion({ a: 3, b: 4 }, 8).set(['a1', 'a2', 'a3'], SINCE_5, { ...LOSES, ...SLOW });

  await expectAlerts(region, { '8m': [] }, CENTRALIZED);
});

test('behind one gateway, a region that is too small for an alert of its own is told by its hypervisors', async () => {
  const region = new TestRegion({ a: 2 }, 8).set(['a1', 'a2'], SINCE_5, LOSES);

  const said = (name: string) =>
    onProbe(
      region,
      name,
      'InnervisorHypervisorPublicLoss',
      `${name} (lab) loses 50% of the packets to the Internet`,
    );
  await expectAlerts(region, { '5m': [], '8m': [said('a1'), said('a2')] }, CENTRALIZED);
});
