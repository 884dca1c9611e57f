import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { TRACING_MODULES } from './tracing.ts';

const INTERCEPTORS = fileURLToPath(new URL('../src/workflows/interceptors.ts', import.meta.url));

/** What is bundled besides the workflows. */
export interface BundleOptions {
  readonly logger: Logger;
  /** Whether passes and steps trace themselves; they don't by default. */
  readonly traces?: boolean;
  /** The module whose exports are the workflows; our own by default. */
  readonly workflowsPath?: string;
}

/** Bundles workflows as a worker runs them. */
export function bundleWorkflows({
  logger,
  traces = false,
  workflowsPath = fileURLToPath(new URL('../src/workflows/index.ts', import.meta.url)),
}: BundleOptions): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath,
    logger,
    workflowInterceptorModules: [INTERCEPTORS, ...(traces ? TRACING_MODULES : [])],
  });
}
