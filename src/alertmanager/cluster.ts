import type { HttpCall, HttpConnection, HttpReply } from '../http/connection.ts';
import { sendRequest } from '../http/request.ts';
import { AlertmanagerError } from './error.ts';

/** An answer together with the member that gave it. */
export interface ClusterReply {
  readonly connection: HttpConnection;
  readonly reply: HttpReply;
}

/** A proxy's answers that mean "nobody is behind me". */
const NOBODY_THERE = new Set([502, 503, 504]);

/**
 * Sends a request to the first member of the cluster that answers. A read goes on to the next member on every
 * failure to get an answer; a write only while it is certain that it had no effect, so that no silence is made twice.
 * A member that says 404 may have come back just now, so the next one is asked as well.
 * @throws AlertmanagerError telling about all members, when none answers; the signal's reason when it is aborted.
 */
export async function sendToCluster(
  connections: readonly HttpConnection[],
  call: HttpCall,
  signal?: AbortSignal,
): Promise<ClusterReply> {
  const failures: AlertmanagerError[] = [];
  let lastReply: ClusterReply | undefined;
  for (const connection of connections) {
    try {
      const reply = await sendRequest(connection, call, signal);
      const isElsewhere = reply.status === 404 || (!call.writes && NOBODY_THERE.has(reply.status));
      if (!isElsewhere) return { connection, reply };
      lastReply = { connection, reply };
    } catch (error) {
      if (!(error instanceof AlertmanagerError)) throw error;
      failures.push(error);
      if (error.effect === 'unknown') break;
    }
  }
  if (lastReply !== undefined) return lastReply;
  throw joinFailures(failures);
}

/** Whether an error means that nobody answered, rather than that somebody refused. */
export function isAway({ code, status }: AlertmanagerError): boolean {
  return code === 'unreachable' || code === 'timeout' || (status !== undefined && NOBODY_THERE.has(status));
}

/** One error that tells about all members. */
export function joinFailures(failures: readonly AlertmanagerError[]): AlertmanagerError {
  const last = failures.at(-1);
  if (last === undefined) throw new TypeError('a cluster without members was asked');
  if (failures.length === 1) return last;
  return new AlertmanagerError({
    code: last.code,
    effect: last.effect,
    message: `no member of the Alertmanager cluster answered: ${failures.map((failure) => failure.message).join(' | ')}`,
  });
}
