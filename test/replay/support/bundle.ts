import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';

const logger = new DefaultLogger('ERROR');

/** Keeps quiet what replays say that fail on purpose. */
export function installQuietRuntime(): void {
  Runtime.install({ logger, telemetryOptions: { logging: { filter: 'error' } } });
}

/** Bundles the workflows of today, with these modules inside of them. */
export function bundleWorkflows(
  workflowInterceptorModules: readonly string[] = [],
): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../../src/workflows/index.ts', import.meta.url)),
    workflowInterceptorModules: [...workflowInterceptorModules],
    logger,
  });
}
