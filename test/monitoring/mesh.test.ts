import { describe, test } from 'vitest';
import { expectAlerts, onProbe, onRegion, onZone } from './support/promtool.ts';
import { TestRegion, type Way } from './support/region.ts';
import { idOf } from './support/series.ts';

interface Fault {
  readonly names: Readonly<
    Record<'hypervisor' | 'zone' | 'region' | 'zonePair' | 'pair' | 'scattered', string>
  >;
  readonly way: Partial<Way>;
  /** Of one, and of many. */
  readonly does: string;
  readonly do: string;
}

const LOSS: Fault = {
  names: {
    hypervisor: 'InnervisorHypervisorMeshLoss',
    zone: 'InnervisorZoneMeshLoss',
    region: 'InnervisorRegionMeshLoss',
    zonePair: 'InnervisorZonePairLoss',
    pair: 'InnervisorPairLoss',
    scattered: 'InnervisorPairsScatteredLoss',
  },
  way: { loss: 0.4 },
  does: 'loses 40% of the packets',
  do: 'lose packets',
};

const SLOW: Fault = {
  names: {
    hypervisor: 'InnervisorHypervisorMeshSlow',
    zone: 'InnervisorZoneMeshSlow',
    region: 'InnervisorRegionMeshSlow',
    zonePair: 'InnervisorZonePairSlow',
    pair: 'InnervisorPairSlow',
    scattered: 'InnervisorPairsScatteredSlow',
  },
  way: { seconds: 0.02 },
  does: 'needs 20ms for a round trip',
  do: 'are slow',
};

describe.each([
  ['loss', LOSS],
  ['delay', SLOW],
] as const)('%s in the local network', (_, fault) => {
  const { names } = fault;
  const SINCE_5 = { from: 5 };
  const hypervisor = (region: TestRegion, name: string) =>
    onProbe(region, name, names.hypervisor, `The local network of ${name} (lab) ${fault.does}`);

  test('is blamed on the one hypervisor whose row and column are bad', async () => {
    const region = new TestRegion({ a: 3, b: 3 }, 9).setNetwork(['a1'], SINCE_5, fault.way).reset('a1', 8);

    await expectAlerts(region, {
      '5m': [],
      '6m30s': [hypervisor(region, 'a1')],
      '9m': [hypervisor(region, 'a1')],
    });
  });

  test('is blamed on the right one of three, and on two of five', async () => {
    const three = new TestRegion({ a: 3 }, 8).setNetwork(['a2'], SINCE_5, fault.way);
    const five = new TestRegion({ a: 5 }, 8).setNetwork(['a1', 'a2'], SINCE_5, fault.way);

    await expectAlerts(three, { '8m': [hypervisor(three, 'a2')] });
    await expectAlerts(five, { '8m': [hypervisor(five, 'a1'), hypervisor(five, 'a2')] });
  });

  test('is blamed on a zone', async () => {
    const region = new TestRegion({ a: 3, b: 3, c: 3 }, 8).setNetwork(['a1', 'a2', 'a3'], SINCE_5, fault.way);

    const said = `100% of the hypervisors in zone a of lab ${fault.do} in the local network`;
    await expectAlerts(region, { '5m': [], '8m': [onZone(region, 'a', names.zone, said)] });
  });

  test('is blamed on the way between two zones that are well inside', async () => {
    const region = new TestRegion({ a: 3, b: 3 }, 8).setWays(
      (one, other) => one.zone === 'a' && other.zone === 'b',
      SINCE_5,
      fault.way,
    );

    const said = (from: string, to: string) =>
      onZone(
        region,
        from,
        names.zonePair,
        `100% of the pairs between zones ${from} and ${to} of lab ${fault.do}`,
        {
          peer_zone: to,
        },
      );
    await expectAlerts(region, { '5m': [], '8m': [said('a', 'b'), said('b', 'a')] });
  });

  test('is blamed on the region', async () => {
    const region = new TestRegion({ a: 3, b: 3 }, 8).setWays(() => true, SINCE_5, fault.way);

    const said = `100% of the hypervisors in lab ${fault.do} in the local network`;
    await expectAlerts(region, { '5m': [], '8m': [onRegion(region, names.region, said)] });
  });

  test('is blamed on one pair', async () => {
    const region = new TestRegion({ a: 3, b: 3 }, 8).setWays(
      (one, other) => one.name === 'a1' && other.name === 'b1',
      SINCE_5,
      fault.way,
    );

    const said = (from: string, to: string, zone: string) =>
      onProbe(
        region,
        from,
        names.pair,
        `${from} ${fault.does} to ${to} (lab), while both are well with others`,
        {
          peer_id: idOf(to),
          peer_hypervisor: to,
          peer_zone: zone,
        },
      );
    await expectAlerts(region, { '5m': [], '8m': [said('a1', 'b1', 'b'), said('b1', 'a1', 'a')] });
  });

  test('is told once where many pairs are bad and nobody is to blame', async () => {
    const region = new TestRegion({ a: 4, b: 4 }, 8);
    const ring = region.probes.map(({ name }) => name);
    region.setWays(
      (one, other) => (ring.indexOf(one.name) + 1) % ring.length === ring.indexOf(other.name),
      SINCE_5,
      fault.way,
    );

    const said = `16 pairs of probes in lab ${fault.do}, and no hypervisor or zone is to blame`;
    await expectAlerts(region, { '5m': [], '8m': [onRegion(region, names.scattered, said)] });
  });
});

test('zones that lie far apart are usual', async () => {
  const region = new TestRegion({ a: 3, b: 3 }, 8).setWays(
    (one, other) => one.zone !== other.zone,
    { from: 0 },
    { seconds: 0.02 },
  );

  await expectAlerts(region, { '3m': [], '8m': [] });
});

test('a little loss is no alert', async () => {
  const region = new TestRegion({ a: 3 }, 8).setWays(() => true, { from: 0 }, { loss: 0.02 });

  await expectAlerts(region, { '3m': [], '8m': [] });
});
