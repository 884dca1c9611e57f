import { defineConfig } from 'vitest/config';

import { ClosingLineReporter } from './test/support/closingLineReporter.ts';

const UNIT = ['test/unit/**/*.test.ts', 'test/property/**/*.test.ts'];
const OPENSTACK = ['test/openstack/**/*.test.ts'];

/** The real control plane takes minutes to start, so its tests exist only for a run that names them. */
const namesOpenstack = process.argv.some((argument) => argument.includes('openstack'));

const openstack = {
  extends: true as const,
  test: {
    name: 'openstack',
    include: OPENSTACK,
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
};

export default defineConfig({
  test: {
    // Two: the tests share the machine with the servers that they start.
    maxWorkers: 2,
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      { extends: true, test: { name: 'unit', include: UNIT } },
      {
        extends: true,
        test: {
          name: 'integration',
          // All that is in no other project, so that no test file is left out by mistake.
          include: ['test/**/*.test.ts'],
          exclude: [...UNIT, ...OPENSTACK],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      ...(namesOpenstack ? [openstack] : []),
    ],
  },
});
