import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeProbeId, computeProbeName } from '../../../src/domain/identity.ts';
import { sha256 } from '../../support/builders.ts';

describe('a probe’s name', () => {
  test.each([
    ['cmp001.lab.example', 'probe-cmp001-0a0b0c0d'],
    ['CMP-A.Example', 'probe-cmp-a-0a0b0c0d'],
    ['h"yp\'er,visor/1', 'probe-h-yp-er-visor-1-0a0b0c0d'],
    ['...', 'probe-x-0a0b0c0d'],
    ['x'.repeat(80), `probe-${'x'.repeat(48)}-0a0b0c0d`],
  ])('of %j is %j', (hypervisor, name) => {
    expect(computeProbeName(hypervisor, '0a0b0c0d')).toBe(name);
  });

  test('is a valid host name whatever the hypervisor is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (hypervisor) => {
        expect(computeProbeName(hypervisor, '0a0b0c0d')).toMatch(
          /^(?=.{1,63}$)probe-[a-z0-9]([a-z0-9-]*[a-z0-9])?-0a0b0c0d$/,
        );
      }),
    );
  });
});

test('the same identity gives the same id, and no part of it can be mistaken for another', () => {
  const identity = { installation: 'a', region: 'b', hypervisor: 'c', generation: 1 };
  expect(computeProbeId(identity, sha256)).toBe(computeProbeId({ ...identity }, sha256));
  expect(computeProbeId(identity, sha256)).not.toBe(
    computeProbeId({ ...identity, installation: 'ab', region: '' }, sha256),
  );
});
