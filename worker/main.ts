import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, TransportError, Worker } from '@temporalio/worker';
import { createActivities } from '../src/activities/index.ts';
import { ConfigReferenceError } from '../src/config/error.ts';
import type { Config } from '../src/config/index.ts';
import { createRegions } from './regions.ts';
import { serveTargets } from './served.ts';

const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;

/** Where a package has the workflows' code, beside the program; a checkout has none. */
const PREBUILT = new URL('workflows.js', import.meta.url);

/** The code of the workflows: made beforehand by `bundle.ts` and kept in a file, or made now. */
async function loadWorkflows(path: string | undefined): Promise<string> {
  if (path !== undefined) return await readWorkflows(path);
  if (existsSync(PREBUILT)) return await readFile(PREBUILT, 'utf8');
  const program = fileURLToPath(new URL('bundle.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program], { maxBuffer: BUNDLE_BYTES_MAX });
  return stdout;
}

async function readWorkflows(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const message =
      `--workflows: ${path} can't be read (${String(error.code)}); ` +
      'make it anew by node worker/bundle.ts, or leave the option out';
    throw new ConfigReferenceError(message);
  }
}

/** How a worker is run. */
export interface WorkerOptions {
  /** A file with the workflows' code; left out, the package's own. */
  readonly workflows?: string;
}

/**
 * Runs a worker until SIGTERM or SIGINT. Then it asks for no more work, and steps that are under way get a few seconds to
 * end; those that don't are cancelled and go on at another worker. A second signal ends it at once.
 * @throws ConfigReferenceError for a file or an address that can't be used.
 */
export async function runWorker(config: Config, { workflows }: WorkerOptions): Promise<void> {
  const [regions, code] = await Promise.all([createRegions(config), loadWorkflows(workflows)]);
  await using _served = await serveTargets(config, (line) => console.error(line));
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = await connect(connectionOptions);
  try {
    const worker = await Worker.create({
      connection,
      namespace: namespace ?? 'default',
      taskQueue: config.temporal.taskQueue,
      // Cancellation reaches a step with its next heartbeat, so these aren't held back for long.
      maxHeartbeatThrottleInterval: '3 seconds',
      shutdownGraceTime: '3 seconds',
      shutdownForceTime: '20 seconds',
      workflowBundle: { code },
      activities: createActivities({ installation: config.installation, regions, now: Date.now }),
    });
    await worker.run();
  } finally {
    await connection.close();
  }
}

async function connect(
  options: ReturnType<typeof loadClientConnectConfig>['connectionOptions'],
): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(options);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const message =
      `no Temporal server answers at ${options.address ?? 'localhost:7233'}: ${error.message}; ` +
      'set TEMPORAL_ADDRESS or a profile in temporal.toml';
    throw new ConfigReferenceError(message);
  }
}
