/**
 * Prints the workflow bundle, with `--traces` one that traces itself: a program of its own, because the bundler's memory
 * goes back only when its process ends.
 */
import { parseArgs } from 'node:util';
import { DefaultLogger } from '@temporalio/worker';
import { bundleWorkflows } from './workflowBundle.ts';

const { values } = parseArgs({ options: { traces: { type: 'boolean', default: false } } });
const { code } = await bundleWorkflows({ logger: new DefaultLogger('WARN'), traces: values.traces });
process.stdout.write(code);
