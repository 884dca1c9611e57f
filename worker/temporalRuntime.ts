import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Runtime, type DefaultLogger } from '@temporalio/worker';
import got from 'got';

const ATTEMPTS_MAX = 5;
const READ_TIMEOUT_MS = 2_000;

/** Reads what Temporal's SDK counts, as text for Prometheus. */
export type ReadSdkMetrics = () => Promise<string>;

/** Temporal's runtime, of which a process has one. */
export interface InstalledRuntime extends AsyncDisposable {
  readonly readMetrics: ReadSdkMetrics;
}

/**
 * Installs Temporal's runtime with our logger. Its metrics can only be had from a server of its own: that one is put
 * on a free port of loopback, and what it says is served with ours.
 */
export async function installRuntime(logger: DefaultLogger, withMetrics: boolean): Promise<InstalledRuntime> {
  const logging = { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } as const;
  if (!withMetrics) {
    return own(Runtime.install({ logger, telemetryOptions: { logging } }), () => Promise.resolve(''));
  }
  for (let attempt = 1; ; attempt += 1) {
    const bindAddress = `127.0.0.1:${await findFreePort()}`;
    const naming = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
    try {
      const runtime = Runtime.install({
        logger,
        telemetryOptions: { logging, metrics: { prometheus: { bindAddress, ...naming } } },
      });
      const options = { retry: { limit: 0 }, timeout: { request: READ_TIMEOUT_MS } };
      return own(runtime, () => got(`http://${bindAddress}/metrics`, options).text());
    } catch (error) {
      // Somebody may have taken the port in between.
      if (attempt >= ATTEMPTS_MAX) throw error;
    }
  }
}

/** It ends by itself with its last connection, but one that never had any would keep the process from ending. */
function own(runtime: Runtime, readMetrics: ReadSdkMetrics): InstalledRuntime {
  return {
    readMetrics,
    [Symbol.asyncDispose]: async () => {
      if (Runtime._instance === runtime) await runtime.shutdown();
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
