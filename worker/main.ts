import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../src/activities/index.ts';
import { findConfigPath, loadConfig } from '../src/config/index.ts';
import { createRegions } from './regions.ts';
import { serveTargets } from './served.ts';
import { logFatal, startTelemetry } from './telemetry.ts';

const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;

/** The code of the workflows: made beforehand by `bundle.ts` and kept in a file, or, also to be traced, made now. */
async function loadWorkflows(path: string | undefined, isTracing: boolean): Promise<string> {
  if (path !== undefined && !isTracing) return await readFile(path, 'utf8');
  const program = fileURLToPath(new URL('bundle.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, ...(isTracing ? ['--traces'] : [])],
    { maxBuffer: BUNDLE_BYTES_MAX },
  );
  return stdout;
}

/** Runs a worker until it is told to stop; `--config FILE` as for the command, `--workflows FILE` to start faster. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' }, workflows: { type: 'string' } } });
  const config = await loadConfig(await findConfigPath(values.config));
  await using telemetry = await startTelemetry(config);
  const [regions, code] = await Promise.all([
    createRegions(config, telemetry.countRequest),
    loadWorkflows(values.workflows, telemetry.isTracing),
  ]);
  await using _served = await serveTargets(config, telemetry.warn);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: config.temporal.taskQueue,
      // Cancellation reaches a step with its next heartbeat, so these aren't held back for long.
      maxHeartbeatThrottleInterval: '3 seconds',
      workflowBundle: { code },
      activities: createActivities({ installation: config.installation, regions, now: Date.now }),
      ...telemetry.workerOptions,
    });
    telemetry.connected(worker, connection, namespace);
    await worker.run();
  } finally {
    await connection.close();
  }
}

try {
  await main();
} catch (error) {
  logFatal(error);
  process.exitCode = 1;
}
