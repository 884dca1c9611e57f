import { z } from 'zod';

import {
  openConnection,
  readCall,
  type HttpCall,
  type HttpRequestRecord,
  type HttpTls,
} from '../http/connection.ts';
import { isSuccess, parseReply, replyError } from '../http/reply.ts';
import { sendRequest } from '../http/request.ts';
import { quoteBody, type HttpAuth } from '../http/secrecy.ts';
import { prometheusDialect as dialect } from './dialect.ts';
import { PrometheusError } from './error.ts';
import {
  droppedTargetsDataSchema,
  queryDataSchema,
  runtimeInfoDataSchema,
  targetsDataSchema,
  type ActiveTarget,
  type DroppedTarget,
  type RuntimeInfo,
  type Sample,
} from './schema.ts';

export type { HttpAuth, HttpTls };
export type { ActiveTarget, DroppedTarget, RuntimeInfo, Sample } from './schema.ts';

/** Where and how Prometheus is reached. */
export interface PrometheusOptions {
  /** Base URL; a user and password in it are not used. */
  readonly url: string;
  readonly auth: HttpAuth;
  /** For each request, in milliseconds. */
  readonly requestTimeoutMs: number;
  readonly tls?: HttpTls;
  /** Told of every request at its end; what it is told holds no secret. It must not throw. */
  readonly onRequest?: ((request: HttpRequestRecord) => void) | undefined;
}

/**
 * Prometheus' HTTP API. Requests aren't repeated. Every function throws {@link PrometheusError}, or the reason of the
 * signal when that is aborted.
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export interface PrometheusClient {
  /** Every target that is scraped now, or those of one scrape pool (job). */
  listActiveTargets(
    query?: { readonly scrapePool?: string },
    signal?: AbortSignal,
  ): Promise<readonly ActiveTarget[]>;
  /** Every target that is discovered and, by relabelling, not scraped; fewer where `keep_dropped_targets` limits them. */
  listDroppedTargets(signal?: AbortSignal): Promise<readonly DroppedTarget[]>;
  /**
   * The value of an expression now: one sample per series, or one without labels for a scalar. `badRequest` for an
   * expression that is wrong, `malformedResponse` for one whose result is no number per series.
   */
  queryInstant(promql: string, signal?: AbortSignal): Promise<readonly Sample[]>;
  /**
   * Makes Prometheus read its configuration again. `reloadFailed` with its reason if the configuration is bad,
   * `forbidden` if reloading isn't enabled. A success doesn't say that file_sd documents could be read.
   */
  reload(signal?: AbortSignal): Promise<void>;
  /** When it started and whether its last reload succeeded. */
  getRuntimeInfo(signal?: AbortSignal): Promise<RuntimeInfo>;
}

/**
 * Makes a client; nothing is sent yet.
 * @throws PrometheusError `badRequest` for a URL that is none.
 */
export function createPrometheusClient(options: PrometheusOptions): PrometheusClient {
  const { auth, requestTimeoutMs, onRequest, tls = {} } = options;
  const connection = openConnection(options.url, { dialect, auth, tls, requestTimeoutMs, onRequest });

  async function request<T>(call: HttpCall, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const reply = await sendRequest(connection, call, signal);
    if (!isSuccess(reply)) throw replyError(connection, call, reply);
    const envelope = z.object({ status: z.literal('success'), data: schema });
    return parseReply(connection, call, reply, envelope).data;
  }

  async function listActiveTargets(query: { readonly scrapePool?: string } = {}, signal?: AbortSignal) {
    const search = new URLSearchParams({ state: 'active' });
    if (query.scrapePool !== undefined) search.set('scrapePool', query.scrapePool);
    const call = { ...readCall('list targets', '/api/v1/targets'), query: search };
    const { activeTargets } = await request(call, targetsDataSchema, signal);
    // Prometheus before 2.42 doesn't know the parameter and answers with every pool.
    return activeTargets.filter(
      (target) => query.scrapePool === undefined || target.scrapePool === query.scrapePool,
    );
  }

  async function listDroppedTargets(signal?: AbortSignal) {
    const query = new URLSearchParams({ state: 'dropped' });
    const call = { ...readCall('list dropped targets', '/api/v1/targets'), query };
    return (await request(call, droppedTargetsDataSchema, signal)).droppedTargets;
  }

  async function reload(signal?: AbortSignal): Promise<void> {
    const call = { purpose: 'reload Prometheus', method: 'POST', path: '/-/reload', writes: true } as const;
    const reply = await sendRequest(connection, call, signal);
    if (isSuccess(reply)) return;
    const head = `cannot ${call.purpose} at Prometheus ${connection.host}: HTTP ${reply.status}: ${quoteBody(auth, reply.body)}`;
    const { status } = reply;
    if (status === 403 || status === 405) {
      const message = `${head}; start it with --web.enable-lifecycle, and let proxies pass POST /-/reload`;
      throw new PrometheusError({ code: 'forbidden', effect: 'none', message, status });
    }
    if (status === 500) {
      const message = `${head}; correct its configuration, it goes on with the last good one`;
      throw new PrometheusError({ code: 'reloadFailed', effect: 'unknown', message, status });
    }
    throw replyError(connection, call, reply);
  }

  return {
    listActiveTargets,
    listDroppedTargets,
    queryInstant: (promql, signal) =>
      request(
        {
          purpose: `query ${quoteBody(auth, promql)}`,
          method: 'POST',
          path: '/api/v1/query',
          form: { query: promql },
          writes: false,
        },
        queryDataSchema,
        signal,
      ),
    reload,
    getRuntimeInfo: (signal) =>
      request(
        readCall('read runtime information', '/api/v1/status/runtimeinfo'),
        runtimeInfoDataSchema,
        signal,
      ),
  };
}
