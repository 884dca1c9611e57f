import { expect, test } from 'vitest';
import { deploymentOf } from '../../../worker/deployment.ts';

test('a worker without a build id is of no version', () => {
  expect(deploymentOf('innervisor', undefined)).toEqual({});
});

test('a worker with one keeps the passes that it has begun', () => {
  expect(deploymentOf('innervisor', '1.1.0-rc.1')).toEqual({
    workerDeploymentOptions: {
      version: { deploymentName: 'innervisor', buildId: '1.1.0-rc.1' },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  });
});

test.each(['', '1 0', '-1', 'x'.repeat(101), '1:0'])(
  'the build id %j is refused, with where it came from',
  (buildId) => {
    expect(() => deploymentOf('innervisor', buildId)).toThrow(
      /^--build-id or INNERVISOR_BUILD_ID: ".*" is no build id/,
    );
  },
);
