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
      // Properties draw many examples: five seconds are too few on a busy machine.
      { extends: true, test: { name: 'unit', include: UNIT, testTimeout: 30_000 } },
      {
        extends: true,
        test: {
          name: 'integration',
          // All that is in no other project, so that no test file is left out by mistake.
          include: ['test/**/*.test.ts'],
          exclude: [...UNIT, ...OPENSTACK],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      ...(namesOpenstack ? [openstack] : []),
    ],
  },
});
