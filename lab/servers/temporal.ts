import { join } from 'node:path';

import { ensureTools } from '../tools/ensureTools.ts';
import { launch, type Placement, type RunningServer } from './launch.ts';
import { answersHttp } from './readiness.ts';

/** Types of search attributes, in the words of the `temporal` command. */
export type SearchAttributeType = 'Bool' | 'Datetime' | 'Double' | 'Int' | 'Keyword' | 'KeywordList' | 'Text';

/** Options of {@link startTemporal}. */
export interface TemporalOptions {
  /** Preferred ports in the order gRPC, Web UI. */
  readonly placement?: Placement;
  /** Whether the Web UI is served; false by default. */
  readonly webUi?: boolean;
  /** Whether what it knows is kept in a file, so that it survives a crash; false by default. */
  readonly durable?: boolean;
  /** Search attributes to register, by name. */
  readonly searchAttributes?: Readonly<Record<string, SearchAttributeType>>;
}

/** A Temporal server. Its namespace is `default`. */
export interface TemporalServer extends RunningServer {
  /** `host:port` for gRPC clients and workers. `url` is its HTTP API. */
  readonly address: string;
  readonly namespace: 'default';
  readonly metricsUrl: string;
  /** `null` without the Web UI. */
  readonly webUiUrl: string | null;
}

/** Starts a Temporal development server. */
export async function startTemporal({
  durable = false,
  placement = {},
  searchAttributes = {},
  webUi = false,
}: TemporalOptions = {}): Promise<TemporalServer> {
  const { temporal } = await ensureTools(['temporal']);
  const attributes = Object.entries(searchAttributes);
  const { ports, ...server } = await launch({
    name: 'temporal',
    binary: temporal,
    portsCount: 4,
    placement,
    prepare: (dir, [grpc, ui, http, metrics]) =>
      Promise.resolve([
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'error'],
        ...(durable ? ['--db-filename', join(dir, 'temporal.db')] : []),
        ...(webUi ? ['--ui-port', `${ui}`] : ['--headless']),
        ...['--port', `${grpc}`, '--http-port', `${http}`, '--metrics-port', `${metrics}`],
        ...attributes.flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
      ]),
    // The namespace is registered after the ports are open; only then can a workflow be started.
    isReady: ([, , http]) => answersHttp(`http://127.0.0.1:${http}/api/v1/namespaces/default`),
  });
  const [grpc, ui, http, metrics] = ports;
  return {
    ...server,
    url: `http://127.0.0.1:${http}`,
    address: `127.0.0.1:${grpc}`,
    namespace: 'default',
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    webUiUrl: webUi ? `http://127.0.0.1:${ui}` : null,
  };
}
