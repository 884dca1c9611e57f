import { DefaultLogger, Runtime, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { bundleWorkflows as bundle } from '../../../worker/workflowBundle.ts';

const logger = new DefaultLogger('ERROR');

/** Keeps quiet what replays say that fail on purpose. */
export function installQuietRuntime(): void {
  Runtime.install({ logger, telemetryOptions: { logging: { filter: 'error' } } });
}

/** Bundles the workflows of today, as they are or so that they trace themselves. */
export function bundleWorkflows(traces = false): Promise<WorkflowBundleWithSourceMap> {
  return bundle({ logger, traces });
}
