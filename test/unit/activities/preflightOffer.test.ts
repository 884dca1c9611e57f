import { describe, expect, test } from 'vitest';
import type { StepDeps } from '../../../src/activities/deps.ts';
import { checkFlavor, checkImage } from '../../../src/activities/preflight/offer.ts';
import type { Flavor, Image } from '../../../src/openstack/client.ts';

const deps = { region: 'lab', probe: { image: 'debian', flavor: 'probe' } } as StepDeps;

function aFlavor(fields: Partial<Flavor> = {}): Flavor {
  return { id: 'f', name: 'probe', vcpus: 1, ramMiB: 512, diskGiB: 2, extraSpecs: {}, ...fields };
}

function anImage(fields: Partial<Image> = {}): Image {
  const created = { id: 'i', name: 'debian', status: 'active', createdAt: '2026-01-01T00:00:00Z' };
  return { ...created, minDiskGiB: 2, minRamMiB: 512, ...fields };
}

describe('the extra specs of a flavor', () => {
  test.each([
    ['spoil nothing', { 'hw_rng:allowed': 'True', 'quota:cpu_shares': '100' }, 'pass'],
    ['with a quota of CPU look like a noisy neighbour', { 'quota:cpu_quota': '50000' }, 'fail'],
    ['that pin CPUs measure nothing', { 'hw:cpu_policy': 'dedicated' }, 'warn'],
    ['that are hidden are unknown', null, 'unknown'],
  ] as const)('%s', (_, extraSpecs, status) => {
    const flavor = aFlavor({ extraSpecs });

    expect(checkFlavor(deps, [flavor], flavor)).toMatchObject([
      { check: 'flavor', status: 'pass' },
      { status },
    ]);
  });

  test('are cured by a command that takes out just what is wrong', () => {
    const flavor = aFlavor({ extraSpecs: { 'quota:cpu_quota': '1', 'quota:cpu_period': '2' } });

    expect(checkFlavor(deps, [flavor], flavor)[1]?.cure).toBe(
      'openstack flavor unset probe --property quota:cpu_quota --property quota:cpu_period',
    );
  });
});

describe('an image', () => {
  test.each([
    ['fits a flavor that is just large enough', {}, 'pass'],
    ['fits a flavor without a disk of its own', { diskGiB: 0 }, 'pass'],
    ['does not fit one with a smaller disk', { diskGiB: 1 }, 'fail'],
    ['does not fit one with less memory', { ramMiB: 256 }, 'fail'],
  ])('%s', (_, flavor, status) => {
    expect(checkImage(deps, [anImage()], aFlavor(flavor))).toMatchObject({ check: 'image', status });
  });

  test('is told by what is wrong with it', () => {
    const details = [[], [anImage(), anImage()], [anImage({ status: 'queued' })]].map(
      (found) => checkImage(deps, found, undefined).detail,
    );

    expect(details).toEqual(['no image is called debian', '2 images are called debian', 'debian is queued']);
  });
});
