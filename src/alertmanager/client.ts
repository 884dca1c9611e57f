import type { z } from 'zod';

import {
  openConnection,
  readCall,
  type HttpCall,
  type HttpRequestRecord,
  type HttpTls,
} from '../http/connection.ts';
import { isSuccess, parseReply, replyError } from '../http/reply.ts';
import type { HttpAuth } from '../http/secrecy.ts';
import { sendToCluster } from './cluster.ts';
import { alertmanagerDialect as dialect } from './dialect.ts';
import { AlertmanagerError } from './error.ts';
import {
  alertsReplySchema,
  statusReplySchema,
  type Alert,
  type AlertmanagerStatus,
  type Matcher,
  type Silence,
  type SilenceState,
} from './schema.ts';

import { createSilenceCalls } from './silences.ts';

export type { HttpAuth, HttpTls };
export type { Alert, AlertmanagerStatus, Matcher, Silence, SilenceState } from './schema.ts';

/** Where and how Alertmanager is reached. */
export interface AlertmanagerOptions {
  /** Base URLs of the members of one cluster, in order of preference; user and password in them are not used. */
  readonly urls: readonly string[];
  readonly auth: HttpAuth;
  /** For each request to each member, in milliseconds. */
  readonly requestTimeoutMs: number;
  readonly tls?: HttpTls;
  /** Told of every request at its end; what it is told holds no secret. It must not throw. */
  readonly onRequest?: ((request: HttpRequestRecord) => void) | undefined;
}

/** What a silence is made of; times are RFC 3339. A start in the past is moved to now by Alertmanager. */
export interface SilenceSpec {
  readonly matchers: readonly Matcher[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

/** Which silences to list; what is left out selects nothing away. */
export interface SilenceQuery {
  readonly createdBy?: string;
  readonly states?: readonly SilenceState[];
}

/** What one member of the cluster knows of silences. */
export interface MemberSilences {
  /** Host and port. */
  readonly member: string;
  readonly silences: readonly Silence[];
  /** Why this member gave no list; `silences` is empty then. */
  readonly failure?: AlertmanagerError;
}

/** Whether one member of the cluster would take a silence of ours. */
export interface MemberRight {
  /** Host and port. */
  readonly member: string;
  /** Why it would not, or why that isn't known. */
  readonly failure?: AlertmanagerError;
}

/**
 * Alertmanager's API v2. Requests aren't repeated. Every function throws {@link AlertmanagerError}, or the reason of
 * the signal when that is aborted.
 * @see https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
export interface AlertmanagerClient {
  /**
   * Every silence of that author and those states that any member has, each as the member has it that heard of it
   * last. Alertmanager itself filters by matchers only.
   */
  listSilences(query?: SilenceQuery, signal?: AbortSignal): Promise<readonly Silence[]>;
  /** The same, as each member has them, in the order of the URLs; a member that gives no list says why instead. */
  listSilencesOfMembers(query?: SilenceQuery, signal?: AbortSignal): Promise<readonly MemberSilences[]>;
  /** Asks each member for a silence that Alertmanager itself must refuse: what forbids it, or is away, says so before. */
  trySilencing(signal?: AbortSignal): Promise<readonly MemberRight[]>;
  /** Makes a silence and gives its id, at a member that answered lately. Two calls make two silences. */
  createSilence(spec: SilenceSpec, signal?: AbortSignal): Promise<string>;
  /**
   * Changes a silence and gives its id. The id stays if the silence hasn't expired, its matchers are the same and
   * `startsAt` is what Alertmanager itself reports (it moves a start in the past); otherwise the old silence is expired
   * and a new one made. `notFound` if there is no such silence.
   * @see https://github.com/prometheus/alertmanager/blob/v0.25.0/silence/silence.go (canUpdate)
   */
  updateSilence(id: string, spec: SilenceSpec, signal?: AbortSignal): Promise<string>;
  /** Ends a silence now, at every member that answers; one that is absent or has ended already is a success. */
  expireSilence(id: string, signal?: AbortSignal): Promise<void>;
  /** Alerts that fit all of the filters, such as `probe_id="1a2b3c4d"`; silenced and inhibited ones too. */
  listAlerts(filters?: readonly string[], signal?: AbortSignal): Promise<readonly Alert[]>;
  /** Version and cluster state of the first member that answers. */
  getStatus(signal?: AbortSignal): Promise<AlertmanagerStatus>;
}

/**
 * Makes a client; nothing is sent yet.
 * @throws AlertmanagerError `badRequest` for no URL or one that is none.
 */
export function createAlertmanagerClient(options: AlertmanagerOptions): AlertmanagerClient {
  const { auth, requestTimeoutMs, onRequest, tls = {} } = options;
  const connections = options.urls.map((url) =>
    openConnection(url, { dialect, auth, tls, requestTimeoutMs, onRequest }),
  );
  if (connections.length === 0) {
    throw new AlertmanagerError({
      code: 'badRequest',
      effect: 'none',
      message: 'no URL of an Alertmanager is given; add one to the configuration',
    });
  }

  async function request<T>(call: HttpCall, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const { connection, reply } = await sendToCluster(connections, call, signal);
    if (!isSuccess(reply)) throw replyError(connection, call, reply);
    return parseReply(connection, call, reply, schema);
  }

  return {
    ...createSilenceCalls(connections),
    listAlerts: (filters = [], signal) => {
      const query = new URLSearchParams(filters.map((filter): [string, string] => ['filter', filter]));
      return request({ ...readCall('list alerts', '/api/v2/alerts'), query }, alertsReplySchema, signal);
    },
    getStatus: (signal) => request(readCall('read the status', '/api/v2/status'), statusReplySchema, signal),
  };
}
