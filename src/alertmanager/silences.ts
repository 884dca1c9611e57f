import { readCall, type HttpConnection } from '../http/connection.ts';
import { isSuccess, parseReply, replyError } from '../http/reply.ts';
import { sendRequest } from '../http/request.ts';
import type { AlertmanagerClient, MemberRight, SilenceQuery } from './client.ts';
import { isAway, joinFailures, sendToCluster } from './cluster.ts';
import { AlertmanagerError } from './error.ts';
import { askEveryMember, mergeSilences, type MemberReply } from './members.ts';
import { silenceIdReplySchema, silenceReplySchema, silencesReplySchema, type Silence } from './schema.ts';

const SILENCE_ROUTE = '/api/v2/silence/{id}';

type SilenceCalls = Pick<
  AlertmanagerClient,
  | 'listSilences'
  | 'listSilencesOfMembers'
  | 'trySilencing'
  | 'createSilence'
  | 'updateSilence'
  | 'expireSilence'
>;

/** The part of {@link AlertmanagerClient} that is about silences. */
export function createSilenceCalls(connections: readonly HttpConnection[]): SilenceCalls {
  let latest: readonly MemberReply<Silence[]>[] = [];

  async function askAll(signal: AbortSignal | undefined) {
    const call = readCall('list silences', '/api/v2/silences');
    latest = await askEveryMember(connections, call, silencesReplySchema, signal);
    return latest;
  }

  /** Whether a write to a member that hangs had its effect stays unknown, so those that answer are asked first. */
  function answeringFirst(): readonly HttpConnection[] {
    const silent = new Set(latest.filter((reply) => 'failure' in reply).map(({ connection }) => connection));
    return connections.toSorted((a, b) => Number(silent.has(a)) - Number(silent.has(b)));
  }

  async function postSilence(purpose: string, body: object, signal?: AbortSignal): Promise<string> {
    const call = { purpose, method: 'POST', path: '/api/v2/silences', json: body, writes: true } as const;
    const { connection, reply } = await sendToCluster(answeringFirst(), call, signal);
    if (!isSuccess(reply)) throw replyError(connection, call, reply);
    return parseReply(connection, call, reply, silenceIdReplySchema).silenceID;
  }

  return {
    listSilences: async (query = {}, signal) => {
      const replies = await askAll(signal);
      return select(mergeSilences(replies.map((reply) => ('value' in reply ? reply.value : []))), query);
    },
    listSilencesOfMembers: async (query = {}, signal) =>
      (await askAll(signal)).map((reply) => ({
        member: reply.connection.host,
        ...('value' in reply
          ? { silences: select(reply.value, query) }
          : { silences: [], failure: reply.failure }),
      })),
    trySilencing: (signal) => Promise.all(connections.map((connection) => tryAt(connection, signal))),
    createSilence: (spec, signal) => postSilence('create a silence', spec, signal),
    updateSilence: (id, spec, signal) => postSilence(`update silence ${id}`, { id, ...spec }, signal),
    expireSilence: async (id, signal) => {
      const failures: AlertmanagerError[] = [];
      for (const connection of connections) {
        try {
          await expireAt(connection, id, signal);
        } catch (error) {
          if (!(error instanceof AlertmanagerError)) throw error;
          failures.push(error);
        }
      }
      const refused = failures.find((failure) => !isAway(failure));
      if (refused !== undefined) throw refused;
      if (failures.length === connections.length) throw joinFailures(failures);
    },
  };
}

function select(silences: readonly Silence[], { createdBy, states }: SilenceQuery): readonly Silence[] {
  return silences.filter(
    (silence) =>
      (createdBy === undefined || silence.createdBy === createdBy) &&
      (states === undefined || states.includes(silence.state)),
  );
}

/** What Alertmanager's check by its schema says to a silence that lacks everything, 422, and what its own code would say. */
const REFUSED_AS_WRONG: ReadonlySet<number> = new Set([400, 422]);

async function tryAt(connection: HttpConnection, signal: AbortSignal | undefined): Promise<MemberRight> {
  const member = connection.host;
  const purpose = 'ask for a silence that it must refuse';
  const call = { purpose, method: 'POST', path: '/api/v2/silences', json: {}, writes: true } as const;
  try {
    const reply = await sendRequest(connection, call, signal);
    if (REFUSED_AS_WRONG.has(reply.status)) return { member };
    return { member, failure: replyError(connection, call, reply) as AlertmanagerError };
  } catch (failure) {
    if (!(failure instanceof AlertmanagerError)) throw failure;
    return { member, failure };
  }
}

async function expireAt(connection: HttpConnection, id: string, signal?: AbortSignal): Promise<void> {
  const path = silencePath(id);
  const call = {
    purpose: `expire silence ${id}`,
    method: 'DELETE',
    path,
    route: SILENCE_ROUTE,
    writes: true,
  } as const;
  const reply = await sendRequest(connection, call, signal);
  if (isSuccess(reply) || reply.status === 404) return;
  const failure = replyError(connection, call, reply);
  // Alertmanager 0.25 answers 500 for an unknown id, and nothing but its message tells that from a fault:
  // https://github.com/prometheus/alertmanager/blob/v0.25.0/api/v2/api.go (deleteSilenceHandler)
  if (reply.status === 500 && (await isGone(connection, id, signal))) return;
  throw failure;
}

async function isGone(connection: HttpConnection, id: string, signal?: AbortSignal): Promise<boolean> {
  const call = { ...readCall(`look up silence ${id}`, silencePath(id)), route: SILENCE_ROUTE };
  const reply = await sendRequest(connection, call, signal);
  if (reply.status === 404) return true;
  if (reply.status !== 200) return false;
  return parseReply(connection, call, reply, silenceReplySchema).state === 'expired';
}

function silencePath(id: string): string {
  return `/api/v2/silence/${encodeURIComponent(id)}`;
}
