import { expect, test } from 'vitest';
import { expectAlerts, onProbe, onRegion } from './support/promtool.ts';
import { TestRegion } from './support/region.ts';

test('a list that nobody has confirmed for three intervals', async () => {
  const region = new TestRegion({ a: 3 }, 24).set(['a1'], { from: 5 }, { confirms: false });

  const said = 'The probe on a1 (lab) has not confirmed its peers list for 18m 15s';
  await expectAlerts(region, { '20m': [], '23m': [onProbe(region, 'a1', 'InnervisorPeersStale', said)] });
});

test('a list that nobody in the region can confirm is one alert', async () => {
  const region = new TestRegion({ a: 3 }, 24).set(['a1', 'a2', 'a3'], { from: 5 }, { confirms: false });

  const said = '100% of the probes in lab can no longer confirm their peers list';
  await expectAlerts(region, { '20m': [], '23m': [onRegion(region, 'InnervisorRegionPeersStale', said)] });
});

test('an exporter that does not take the list', async () => {
  const region = new TestRegion({ a: 4 }, 9)
    .set(['a1'], { from: 5 }, { loaded: false })
    .set(['a2'], { from: 5 }, { agentResult: 'reload_failed' });

  const failed = ['a1', 'a2'].map((name) =>
    onProbe(
      region,
      name,
      'InnervisorPeersNotLoaded',
      `The exporter on ${name} (lab) does not take over the new peers list`,
    ),
  );
  expect(failed).toHaveLength(2);
  await expectAlerts(region, { '5m': [], '9m': failed });
});

test('a probe that pings too few', async () => {
  const region = new TestRegion({ a: 6 }, 9)
    .set(['a1'], { from: 5 }, { peersPinged: 1 })
    .set(['a2'], { from: 5 }, { peersPinged: 4 });

  const said = 'The probe on a1 (lab) pings fewer than half of the peers that it should ping';
  await expectAlerts(region, { '5m': [], '9m': [onProbe(region, 'a1', 'InnervisorMeshBlind', said)] });
});
