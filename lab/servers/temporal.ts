import { ensureTools } from '../tools/ensureTools.ts';
import { launch, type RunningServer } from './launch.ts';
import { answersHttp } from './readiness.ts';

/** Types of search attributes, in the words of the `temporal` command. */
export type SearchAttributeType = 'Bool' | 'Datetime' | 'Double' | 'Int' | 'Keyword' | 'KeywordList' | 'Text';

/** Options of {@link startTemporal}. */
export interface TemporalOptions {
  /** Search attributes to register, by name. */
  readonly searchAttributes?: Readonly<Record<string, SearchAttributeType>>;
}

/** A Temporal server in memory, without its Web UI. Its namespace is `default`. */
export interface TemporalServer extends RunningServer {
  /** `host:port` for gRPC clients and workers. `url` is its HTTP API. */
  readonly address: string;
  readonly namespace: 'default';
  readonly metricsUrl: string;
}

/** Starts a Temporal development server. */
export async function startTemporal({
  searchAttributes = {},
}: TemporalOptions = {}): Promise<TemporalServer> {
  const { temporal } = await ensureTools(['temporal']);
  const attributes = Object.entries(searchAttributes);
  const { ports, ...server } = await launch({
    name: 'temporal',
    binary: temporal,
    portsCount: 3,
    prepare: (_dir, [http, grpc, metrics]) =>
      Promise.resolve([
        ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--log-level', 'error'],
        ...['--port', `${grpc}`, '--http-port', `${http}`, '--metrics-port', `${metrics}`],
        ...attributes.flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
      ]),
    // The namespace is registered after the ports are open; only then can a workflow be started.
    isReady: ([http]) => answersHttp(`http://127.0.0.1:${http}/api/v1/namespaces/default`),
  });
  return {
    ...server,
    address: `127.0.0.1:${ports[1]}`,
    namespace: 'default',
    metricsUrl: `http://127.0.0.1:${ports[2]}/metrics`,
  };
}
