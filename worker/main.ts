import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { NativeConnection, TransportError, Worker } from '@temporalio/worker';
import { createDescription } from '../src/activities/describeInstallation.ts';
import { createActivities } from '../src/activities/index.ts';
import { readEnvironment } from '../src/config/environment.ts';
import { ConfigReferenceError } from '../src/config/error.ts';
import type { Config } from '../src/config/index.ts';
import { forTaskQueue, listElsewhere } from '../src/config/taskQueue.ts';
import { loadTemporalSettings, type TemporalSettings } from '../src/config/temporal.ts';
import { deploymentOf } from './deployment.ts';
import { createRegions, readersOf } from './regions.ts';
import { ensureSearchAttributes } from './searchAttributes.ts';
import { serveTargets } from './served.ts';
import { startTelemetry } from './telemetry.ts';

/** gRPC's own number: https://grpc.io/docs/guides/status-codes/ */
const NOT_FOUND = 5;
const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;

/** Where a package has the workflows' code, beside the program; a checkout has none. */
const PREBUILT = new URL('workflows.js', import.meta.url);
const PREBUILT_TRACED = new URL('workflows-traced.js', import.meta.url);

/** The code of the workflows: made beforehand by `bundle.ts` and kept in a file, or, also to be traced, made now. */
async function loadWorkflows(path: string | undefined, isTracing: boolean): Promise<string> {
  if (path !== undefined && !isTracing) return await readWorkflows(path);
  const prebuilt = isTracing ? PREBUILT_TRACED : PREBUILT;
  if (existsSync(prebuilt)) return await readFile(prebuilt, 'utf8');
  const program = fileURLToPath(new URL('bundle.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, ...(isTracing ? ['--traces'] : [])],
    { maxBuffer: BUNDLE_BYTES_MAX },
  );
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
  /** Of which version it is; left out, of the one that `INNERVISOR_BUILD_ID` names, or of none. */
  readonly buildId?: string;
  /** Whose regions it serves; left out, `temporal.taskQueue`. */
  readonly taskQueue?: string;
}

/** No server of Temporal's answers, or it lets nobody in: which of them, the library doesn't tell. */
export class ConnectionError extends ConfigReferenceError {}

/**
 * Runs a worker of one task queue until SIGTERM or SIGINT. Then it asks for no more work, and steps that are under way
 * get a few seconds to end; those that don't are cancelled and go on at another worker. A second signal ends it at once.
 * @throws ConfigReferenceError for a file or an address that can't be used, and for a task queue without regions;
 * {@link ConnectionError} without a connection; NamespaceNotFoundError; ServiceError where the namespace is closed to it.
 */
export async function runWorker(whole: Config, options: WorkerOptions): Promise<void> {
  const { workflows, buildId, taskQueue = whole.temporal.taskQueue } = options;
  const config = forTaskQueue(whole, taskQueue);
  const version = buildId ?? readEnvironment()['INNERVISOR_BUILD_ID'];
  const deployment = deploymentOf(config.temporal.deployment, version);
  await using telemetry = await startTelemetry(config);
  const [regions, code] = await Promise.all([
    createRegions(config, telemetry.countRequest),
    loadWorkflows(workflows, telemetry.isTracing),
  ]);
  await using _served = await serveTargets(config, telemetry.warn);
  const { address, connectionOptions, namespace } = loadTemporalSettings();
  const connection = await connect(address, connectionOptions);
  try {
    await requireNamespace(connection, namespace);
    const { installation } = config;
    const listSearchAttributes = await ensureSearchAttributes({
      operator: connection.operatorService,
      namespace,
      log: telemetry.warn,
      now: Date.now,
    });
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      ...deployment,
      // Cancellation reaches a step with its next heartbeat, so these aren't held back for long.
      maxHeartbeatThrottleInterval: '3 seconds',
      shutdownGraceTime: '3 seconds',
      shutdownForceTime: '20 seconds',
      workflowBundle: { code },
      activities: {
        ...createActivities({
          installation,
          regions,
          elsewhere: listElsewhere(whole, taskQueue),
          now: Date.now,
        }),
        ...createDescription({ installation, listSearchAttributes }),
      },
      ...telemetry.workerOptions,
    });
    telemetry.connected(worker, connection, namespace, readersOf(regions, installation));
    await worker.run();
  } finally {
    await connection.close();
  }
}

async function connect(
  address: string,
  options: TemporalSettings['connectionOptions'],
): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(options);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const message =
      `no Temporal server answers at ${address}: ${error.message}; ` +
      'set TEMPORAL_ADDRESS or a profile in temporal.toml';
    throw new ConnectionError(message, { cause: error });
  }
}

/** The library finds that out only once it has made a worker, which it then forgets and which keeps the process alive. */
async function requireNamespace({ workflowService }: NativeConnection, namespace: string): Promise<void> {
  try {
    await workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    const { code }: { readonly code: number } = error;
    if (code === NOT_FOUND) throw new NamespaceNotFoundError(namespace);
    throw new ServiceError(`namespace ${namespace} can't be described`, { cause: error });
  }
}
