import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createDescription } from '../src/activities/describeInstallation.ts';
import { createActivities } from '../src/activities/index.ts';
import { readEnvironment } from '../src/config/environment.ts';
import { ConfigReferenceError } from '../src/config/error.ts';
import { ConfigError, findConfigPath, loadConfig } from '../src/config/index.ts';
import { deploymentOf } from './deployment.ts';
import { createRegions } from './regions.ts';
import { ensureSearchAttributes } from './searchAttributes.ts';
import { serveTargets } from './served.ts';

const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;

/** The code of the workflows: made beforehand by `bundle.ts` and kept in a file, or made now. */
async function loadWorkflows(path: string | undefined): Promise<string> {
  if (path !== undefined) return await readFile(path, 'utf8');
  const program = fileURLToPath(new URL('bundle.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program], { maxBuffer: BUNDLE_BYTES_MAX });
  return stdout;
}

/**
 * Runs a worker until it is told to stop; `--config FILE` as for the command, `--workflows FILE` to start faster,
 * `--build-id ID` or `INNERVISOR_BUILD_ID` for a worker of a version.
 */
async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { config: text, workflows: text, 'build-id': text } });
  const config = await loadConfig(await findConfigPath(values.config));
  const buildId = values['build-id'] ?? readEnvironment()['INNERVISOR_BUILD_ID'];
  const deployment = deploymentOf(config.temporal.deployment, buildId);
  const [regions, code] = await Promise.all([createRegions(config), loadWorkflows(values.workflows)]);
  await using _served = await serveTargets(config, (line) => console.error(line));
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const { installation } = config;
    const listSearchAttributes = await ensureSearchAttributes({
      operator: connection.operatorService,
      namespace,
      log: (line) => console.error(line),
      now: Date.now,
    });
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: config.temporal.taskQueue,
      ...deployment,
      // Cancellation reaches a step with its next heartbeat, so these aren't held back for long.
      maxHeartbeatThrottleInterval: '3 seconds',
      workflowBundle: { code },
      activities: {
        ...createActivities({ installation, regions, now: Date.now }),
        ...createDescription({ installation, listSearchAttributes }),
      },
    });
    await worker.run();
  } finally {
    await connection.close();
  }
}

try {
  await main();
} catch (error) {
  const isForOperator = error instanceof ConfigError || error instanceof ConfigReferenceError;
  console.error(isForOperator ? error.message : error);
  process.exitCode = 1;
}
