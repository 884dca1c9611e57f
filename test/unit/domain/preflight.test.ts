import { describe, expect, test } from 'vitest';
import { checkAddresses, checkQuota, summarisePreflight } from '../../../src/domain/preflight.ts';

const NEED = { check: 'quota of instances', option: 'instances', used: 2, missing: 6, surge: 3 };

describe('a quota', () => {
  test.each([
    ['without a limit is enough', null, 'pass'],
    ['that has room for all is enough', 11, 'pass'],
    ['that has no room for two side by side makes old probes go first', 10, 'warn'],
    ['that has room for the missing ones alone is a warning', 8, 'warn'],
    ['that has no room for the missing ones fails', 7, 'fail'],
  ] as const)('%s', (_, max, status) => {
    const { cure, ...result } = checkQuota({ ...NEED, max });

    expect(result.status).toBe(status);
    expect(cure).toBe(status === 'pass' ? undefined : 'openstack quota set --instances 11 PROJECT');
  });
});

test.each([
  ['has addresses for all', 9, 'pass'],
  ['has too few for two side by side', 8, 'warn'],
  ['has too few for those that are missing', 5, 'fail'],
] as const)('a network that %s', (_, free, status) => {
  const checked = checkAddresses({ network: 'net', total: 20, used: 20 - free, missing: 6, surge: 3 });

  expect(checked).toMatchObject({ check: 'addresses of net', status });
  expect(checked.detail).toContain(`${free} of 20 are free`);
});

test('a region with a warning is ready, one with a failure is not', () => {
  const warn = checkQuota({ ...NEED, max: 8 });
  const fail = checkQuota({ ...NEED, max: 7 });

  const unknown = { check: 'right', status: 'unknown', detail: 'not seen', cure: 'see it' } as const;

  expect(summarisePreflight('lab', [warn, unknown]).outcome).toBe('ready');
  expect(summarisePreflight('lab', [warn, fail]).outcome).toBe('not ready');
});
