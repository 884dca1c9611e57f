import type { z } from 'zod';

import {
  describeCall,
  type HttpCall,
  type HttpConnection,
  type HttpDialect,
  type HttpReply,
} from './connection.ts';
import type { HttpError, HttpErrorCode } from './error.ts';
import { quoteBody } from './secrecy.ts';

/** Whether the server did what was asked; a redirect is no success. */
export function isSuccess({ status }: HttpReply): boolean {
  return status >= 200 && status <= 299;
}

/** The error that an answer other than 2xx stands for. */
export function replyError(connection: HttpConnection, call: HttpCall, reply: HttpReply): HttpError {
  const { dialect, auth } = connection;
  const { code, advice } = classifyStatus(reply.status, dialect);
  const quote = quoteBody(auth, dialect.readRefusal(reply.body));
  const why = quote === '' ? `HTTP ${reply.status}` : `HTTP ${reply.status}: ${quote}`;
  return dialect.createError({
    code,
    effect: call.writes && reply.status >= 500 ? 'unknown' : 'none',
    message: `${describeCall(connection, call)}: ${why}; ${advice}`,
    status: reply.status,
    ...(reply.retryAfterMs === undefined ? {} : { retryAfterMs: reply.retryAfterMs }),
  });
}

function classifyStatus(
  status: number,
  { server, notFoundAdvice }: HttpDialect,
): { readonly code: HttpErrorCode; readonly advice: string } {
  if (status === 401) {
    return { code: 'unauthenticated', advice: 'check the configured user, password or token' };
  }
  if (status === 403) return { code: 'forbidden', advice: 'give this user the right to do so' };
  if (status === 404) return { code: 'notFound', advice: notFoundAdvice };
  if (status === 429) return { code: 'rateLimited', advice: 'ask less often' };
  if (status >= 500) return { code: 'unavailable', advice: "look into the server's log" };
  // 422 too, which is what Prometheus says to a query that parses and can't be executed.
  if (status >= 400) return { code: 'badRequest', advice: 'the request has to be corrected' };
  return {
    code: 'malformedResponse',
    advice: `configure the final URL of ${server}: redirects are not followed`,
  };
}

/**
 * Parses the body of a successful answer.
 * @throws HttpError `malformedResponse`, naming the place in the answer; a write's effect is unknown then.
 */
export function parseReply<T>(
  connection: HttpConnection,
  call: HttpCall,
  reply: HttpReply,
  schema: z.ZodType<T>,
): T {
  const result = schema.safeParse(parseJson(reply.body));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? 'the answer' : issue.path.join('.');
  throw connection.dialect.createError({
    code: 'malformedResponse',
    effect: call.writes ? 'unknown' : 'none',
    message:
      `${describeCall(connection, call)}: ${place}: ${issue?.message ?? 'malformed'}; ` +
      connection.dialect.malformedAdvice,
    status: reply.status,
  });
}

/** No JSON at all becomes `undefined`, which no schema of ours accepts. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
