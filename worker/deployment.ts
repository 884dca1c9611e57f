import type { WorkerDeploymentOptions } from '@temporalio/worker';
import { ConfigReferenceError } from '../src/config/error.ts';

const BUILD_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * How a worker of one build shares its task queue with those of others: a pass goes on, to its end, on workers of the
 * build that began it. Without a build id it is as one of no version.
 * @throws ConfigReferenceError for a build id that can't be one.
 */
export function deploymentOf(
  deploymentName: string,
  buildId: string | undefined,
): { readonly workerDeploymentOptions?: WorkerDeploymentOptions } {
  if (buildId === undefined) return {};
  if (!BUILD_ID.test(buildId))
    throw new ConfigReferenceError(
      `--build-id or INNERVISOR_BUILD_ID: ${JSON.stringify(buildId)} is no build id; it is at most 100 characters of letters, digits, ".", "_" and "-"`,
    );
  return {
    workerDeploymentOptions: {
      version: { deploymentName, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}
