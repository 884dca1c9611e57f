/**
 * Prints the workflow bundle, with `--traces` one that traces itself: a program of its own, because the bundler's memory
 * goes back only when its process ends.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { TRACING_MODULES } from './tracing.ts';

const { values } = parseArgs({ options: { traces: { type: 'boolean', default: false } } });
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../src/workflows/index.ts', import.meta.url)),
  logger: new DefaultLogger('WARN'),
  workflowInterceptorModules: values.traces ? [...TRACING_MODULES] : [],
});
process.stdout.write(code);
