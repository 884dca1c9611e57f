import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { startTemporal } from '../../../lab/servers/index.ts';
import { createDescription, type Description } from '../../../src/activities/describeInstallation.ts';
import type { Activities } from '../../../src/activities/index.ts';
import { names, type ReconcileResult } from '../../../src/workflows/contract.ts';
import { deploymentOf } from '../../../worker/deployment.ts';
import { ensureSearchAttributes } from '../../../worker/searchAttributes.ts';
import { bundleWorkflows } from '../../../worker/workflowBundle.ts';
import { saveHistories } from '../../openstack/support/histories.ts';
import { stubActivities, type Call } from './stubs.ts';

/** What a test has while its worker runs. */
export interface Scene {
  readonly client: Client;
  readonly taskQueue: string;
  /** No other test has the same one, so passes of different tests don't meet. */
  readonly region: string;
  readonly calls: readonly Call[];
  /** Names of the steps called so far, in order. */
  readonly steps: () => readonly string[];
  /** Starts `reconcileRegion` with any input, under an id of its own. */
  readonly start: (input: unknown) => Promise<WorkflowHandle<() => Promise<ReconcileResult>>>;
  readonly pass: () => WorkflowHandle;
}

/** How a test's worker stands among others. */
export interface PlayOptions {
  /** One of its own by default. */
  readonly taskQueue?: string;
  /** None by default. */
  readonly buildId?: string;
  /** How many workflows the worker keeps in memory; enough by default. */
  readonly maxCachedWorkflows?: number;
}

/** A Temporal server with the workflow code bundled once, on which each test plays with its own worker. */
export interface Stage {
  /** `host:port` of the server. */
  readonly address: string;
  readonly play: <T>(
    overrides: Partial<Activities & Description>,
    test: (scene: Scene) => Promise<T>,
    options?: PlayOptions,
  ) => Promise<T>;
  /** Keeps the histories of all that was played where `INNERVISOR_RECORD_HISTORIES` names a folder. */
  readonly stop: () => Promise<void>;
}

/** Starts the server and bundles the workflows. */
export async function openStage(): Promise<Stage> {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const [server, workflowBundle] = await Promise.all([startTemporal(), bundleWorkflows({ logger })]);
  const [connection, workerConnection] = await Promise.all([
    Connection.connect({ address: server.address }),
    NativeConnection.connect({ address: server.address }),
  ]);
  const client = new Client({ connection });
  const listSearchAttributes = await ensureSearchAttributes({
    operator: connection.operatorService,
    namespace: server.namespace,
    log: (line) => console.error(line),
    now: Date.now,
    // A development server forgets nothing and knows at once.
    settleMs: 0,
  });
  return {
    address: server.address,
    play: async ({ describeInstallation, ...overrides }, test, options = {}) => {
      const { taskQueue = `test-${randomUUID()}`, buildId, ...more } = options;
      const description = createDescription({ installation: 'test', listSearchAttributes });
      const { activities, calls } = stubActivities(overrides);
      const worker = await Worker.create({
        connection: workerConnection,
        taskQueue,
        ...deploymentOf('innervisor', buildId),
        ...more,
        workflowBundle,
        activities: {
          ...activities,
          ...description,
          ...(describeInstallation === undefined ? {} : { describeInstallation }),
        },
        // Otherwise the server's cancellation reaches an activity only with the next throttled heartbeat.
        maxHeartbeatThrottleInterval: '100 milliseconds',
      });
      return await worker.runUntil(test(setScene(client, taskQueue, calls)));
    },
    stop: async () => {
      const folder = process.env['INNERVISOR_RECORD_HISTORIES'];
      if (folder !== undefined) await saveHistories(server.address, folder);
      await connection.close();
      await workerConnection.close();
      await server.stop();
    },
  };
}

function setScene(client: Client, taskQueue: string, calls: readonly Call[]): Scene {
  const region = `r-${randomUUID().slice(0, 8)}`;
  return {
    client,
    taskQueue,
    region,
    calls,
    steps: () => calls.map(({ name }) => name),
    start: (input) =>
      client.workflow.start<(input: unknown) => Promise<ReconcileResult>>(names.reconcileRegion, {
        taskQueue,
        workflowId: `entry-${randomUUID()}`,
        args: [input],
      }),
    pass: () => client.workflow.getHandle(names.passWorkflowId(region)),
  };
}
