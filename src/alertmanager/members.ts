import type { z } from 'zod';

import type { HttpCall, HttpConnection } from '../http/connection.ts';
import { isSuccess, parseReply, replyError } from '../http/reply.ts';
import { sendRequest } from '../http/request.ts';
import { joinFailures } from './cluster.ts';
import { AlertmanagerError } from './error.ts';
import type { Silence } from './schema.ts';

/** What one member of a cluster answered to a read, or why it didn't. */
export type MemberReply<T> =
  | { readonly connection: HttpConnection; readonly value: T }
  | { readonly connection: HttpConnection; readonly failure: AlertmanagerError };

/**
 * Asks every member at the same time, because one that has just come back may not know yet what the others do.
 * @throws AlertmanagerError telling about all members, when none answers; the signal's reason when it is aborted.
 */
export async function askEveryMember<T>(
  connections: readonly HttpConnection[],
  call: HttpCall,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<readonly MemberReply<T>[]> {
  const replies = await Promise.all(
    connections.map((connection) => askMember(connection, call, schema, signal)),
  );
  const failures = replies.flatMap((reply) => ('failure' in reply ? [reply.failure] : []));
  if (failures.length === replies.length) throw joinFailures(failures);
  return replies;
}

async function askMember<T>(
  connection: HttpConnection,
  call: HttpCall,
  schema: z.ZodType<T>,
  signal: AbortSignal | undefined,
): Promise<MemberReply<T>> {
  try {
    const reply = await sendRequest(connection, call, signal);
    if (!isSuccess(reply)) throw replyError(connection, call, reply);
    return { connection, value: parseReply(connection, call, reply, schema) };
  } catch (failure) {
    if (!(failure instanceof AlertmanagerError)) throw failure;
    return { connection, failure };
  }
}

/** Each silence as the member has it that heard of it last, which is what the others will be told. */
export function mergeSilences(lists: readonly (readonly Silence[])[]): readonly Silence[] {
  const latest = new Map<string, Silence>();
  for (const silence of lists.flat()) {
    const known = latest.get(silence.id);
    if (known === undefined || Date.parse(known.updatedAt) < Date.parse(silence.updatedAt))
      latest.set(silence.id, silence);
  }
  return [...latest.values()];
}
