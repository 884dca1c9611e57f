import { describe, expect, test } from 'vitest';
import { checkQuota, summarisePreflight } from '../../../src/domain/preflight.ts';

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

test('a region with a warning is ready, one with a failure is not', () => {
  const warn = checkQuota({ ...NEED, max: 8 });
  const fail = checkQuota({ ...NEED, max: 7 });

  expect(summarisePreflight('lab', [warn]).outcome).toBe('ready');
  expect(summarisePreflight('lab', [warn, fail]).outcome).toBe('not ready');
});
