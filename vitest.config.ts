import { defineConfig } from 'vitest/config';

import { ClosingLineReporter } from './test/support/closingLineReporter.ts';

const UNIT = ['test/unit/**/*.test.ts', 'test/property/**/*.test.ts'];
const OPENSTACK = ['test/openstack/**/*.test.ts'];
const GUESTVM = ['test/guestvm/**/*.test.ts'];

/** The real control plane and booted guests take minutes to start, so their tests exist only for a run that names them. */
const isNamed = (project: string): boolean => process.argv.some((argument) => argument.includes(project));

const slow = (name: string, include: string[]) => ({
  extends: true as const,
  test: { name, include, fileParallelism: false, testTimeout: 600_000, hookTimeout: 900_000 },
});

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
          exclude: [...UNIT, ...OPENSTACK, ...GUESTVM],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      ...(isNamed('openstack') ? [slow('openstack', OPENSTACK)] : []),
      ...(isNamed('guestvm') ? [slow('guestvm', GUESTVM)] : []),
    ],
  },
});
