import type { NativeConnection, Worker } from '@temporalio/worker';

const ASK_TIMEOUT_MS = 2_000;
/** For how long an answer of Temporal's counts: whoever asks often mustn't cost it much. */
const ANSWER_COUNTS_MS = 1_000;

/** Whether a worker can do its work, and why not. */
export type Readiness = { readonly isReady: true } | { readonly isReady: false; readonly reason: string };

/** What a worker has of Temporal once it has been made. */
export interface ConnectedWorker {
  readonly worker: Pick<Worker, 'getState'>;
  readonly connection: Pick<NativeConnection, 'workflowService' | 'withDeadline'>;
}

/** Tells whether a worker is ready: configured, connected to Temporal, and polling. */
export interface ReadinessCheck {
  readonly connected: (worker: ConnectedWorker) => void;
  readonly check: () => Promise<Readiness>;
}

/** Makes the check of a worker that has loaded its configuration and isn't connected yet. */
export function createReadinessCheck(): ReadinessCheck {
  let connected: ConnectedWorker | undefined;
  let latest: { readonly atMs: number; readonly answer: Promise<Readiness> } | undefined;
  return {
    connected: (worker) => {
      connected = worker;
    },
    check: async () => {
      if (connected === undefined)
        return { isReady: false, reason: 'starting: it is not connected to Temporal yet' };
      const state = connected.worker.getState();
      if (state !== 'RUNNING') return { isReady: false, reason: `the worker is ${state}` };
      const nowMs = performance.now();
      if (latest === undefined || nowMs - latest.atMs >= ANSWER_COUNTS_MS)
        latest = { atMs: nowMs, answer: askTemporal(connected.connection) };
      return await latest.answer;
    },
  };
}

/** The worker itself says RUNNING for as long as it goes on trying to reach a server that is away. */
async function askTemporal(connection: ConnectedWorker['connection']): Promise<Readiness> {
  try {
    await connection.withDeadline(Date.now() + ASK_TIMEOUT_MS, () =>
      connection.workflowService.getSystemInfo({}),
    );
    return { isReady: true };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { isReady: false, reason: `Temporal doesn't answer: ${why}` };
  }
}
