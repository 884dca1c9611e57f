import { test } from 'vitest';
import { expectAlerts, onProbe, onRegion, onZone } from './support/promtool.ts';
import { TestRegion } from './support/region.ts';

const RBD = { storage_class: 'rbd' };
const OPERATIONS = ['read', 'write'] as const;

/** Reads and writes are told apart. */
function onDisk(region: TestRegion, name: string, alert: string, summary: (operation: string) => string) {
  return OPERATIONS.map((operation) =>
    onProbe(region, name, alert, summary(operation), { ...RBD, operation }),
  );
}

test('a slow disk of one hypervisor', async () => {
  const region = new TestRegion({ a: 3 }, 8).set(['a1'], { from: 5 }, { slowShare: 0.5 }).reset('a1', 7);

  const slow = onDisk(
    region,
    'a1',
    'InnervisorHypervisorDiskSlow',
    (operation) => `50% of the ${operation}s on a1 (lab, rbd) take more than 10 ms`,
  );
  await expectAlerts(region, { '5m': [], '6m30s': slow, '8m': slow });
});

test('a disk that stalls now and then', async () => {
  const region = new TestRegion({ a: 3 }, 8)
    .set(['a1'], { from: 5 }, { slowShare: 0.06, stallShare: 0.06 })
    // One slow operation in a minute is nothing.
    .set(['a2'], { from: 5 }, { slowShare: 1 / 60, stallShare: 1 / 60 });

  const stalls = onDisk(
    region,
    'a1',
    'InnervisorHypervisorDiskStalls',
    (operation) => `One in a hundred ${operation}s on a1 (lab, rbd) takes 875ms or more`,
  );
  await expectAlerts(region, { '5m': [], '8m': stalls });
});

test('a disk on which nothing ends any more', async () => {
  const region = new TestRegion({ a: 3 }, 8).set(['a1'], { from: 5 }, { operationsPerSecond: 0 });

  const stuck = onDisk(
    region,
    'a1',
    'InnervisorHypervisorDiskStuck',
    (operation) => `No ${operation} on a1 (lab, rbd) has ended for a minute`,
  );
  await expectAlerts(region, { '5m45s': [], '6m30s': stuck, '8m': stuck });
});

test('a disk that answers with errors', async () => {
  const region = new TestRegion({ a: 3 }, 16)
    .set(['a1'], { from: 5, until: 10 }, { errorsPerSecond: 0.05 })
    .set(['a2'], { from: 5, until: 5.25 }, { errorsPerSecond: 1 / 15 });

  const errors = onDisk(
    region,
    'a1',
    'InnervisorHypervisorDiskErrors',
    (operation) => `14 ${operation}s on a1 (lab, rbd) failed in five minutes`,
  );
  await expectAlerts(region, { '5m': [], '10m': errors, '16m': [] });
});

test('a storage that all share is one alert', async () => {
  const region = new TestRegion({ a: 3, b: 3 }, 8)
    .set(['a1', 'a2', 'b1'], { from: 5 }, { slowShare: 0.9 })
    .set(['b3'], { from: 5 }, { operationsPerSecond: 0 });

  const said = 'Storage rbd is slow for 66.67% of the hypervisors in lab';
  await expectAlerts(region, {
    '5m': [],
    '8m': [onRegion(region, 'InnervisorStorageClassSlow', said, RBD)],
  });
});

test('a storage that is slow in one zone is one alert', async () => {
  const region = new TestRegion({ a: 3, b: 3 }, 8).set(['b1', 'b2', 'b3'], { from: 5 }, { slowShare: 0.9 });

  const said = 'Storage rbd is slow for 100% of the hypervisors in zone b of lab';
  await expectAlerts(region, {
    '5m': [],
    '8m': [onZone(region, 'b', 'InnervisorZoneStorageSlow', said, RBD)],
  });
});

test('a storage that is always slow is nothing new', async () => {
  const region = new TestRegion({ a: 3 }, 8).set(['a1', 'a2', 'a3'], { from: 0 }, { slowShare: 0.9 });

  await expectAlerts(region, { '5m': [], '8m': [] });
});
