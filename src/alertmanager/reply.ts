import type { z } from 'zod';

import { AlertmanagerError, type AlertmanagerErrorCode } from './error.ts';
import { quoteBody, type HttpCall, type HttpConnection, type HttpReply } from './http.ts';

/** The error that an answer other than 2xx stands for. */
export function replyError(connection: HttpConnection, call: HttpCall, reply: HttpReply): AlertmanagerError {
  const { code, advice } = classifyStatus(reply.status);
  const quote = quoteBody(connection.auth, reply.body);
  const why = quote === '' ? `HTTP ${reply.status}` : `HTTP ${reply.status}: ${quote}`;
  return new AlertmanagerError({
    code,
    effect: call.writes && reply.status >= 500 ? 'unknown' : 'none',
    message: `cannot ${call.purpose} at Alertmanager ${connection.host}: ${why}; ${advice}`,
    status: reply.status,
    ...(reply.retryAfterMs === undefined ? {} : { retryAfterMs: reply.retryAfterMs }),
  });
}

function classifyStatus(status: number): { readonly code: AlertmanagerErrorCode; readonly advice: string } {
  if (status === 401) {
    return { code: 'unauthenticated', advice: 'check the configured user, password or token' };
  }
  if (status === 403) return { code: 'forbidden', advice: 'give this user the right to do so' };
  if (status === 404) return { code: 'notFound', advice: 'check the id, and the path of the configured URL' };
  if (status === 429) return { code: 'rateLimited', advice: 'ask less often' };
  if (status >= 500) return { code: 'unavailable', advice: "look into the server's log" };
  if (status >= 400) return { code: 'badRequest', advice: 'the request has to be corrected' };
  return {
    code: 'malformedResponse',
    advice: 'configure the final URL of Alertmanager: redirects are not followed',
  };
}

/**
 * Parses the body of a successful answer.
 * @throws AlertmanagerError `malformedResponse`, naming the place in the answer; a write's effect is unknown then.
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
  throw new AlertmanagerError({
    code: 'malformedResponse',
    effect: call.writes ? 'unknown' : 'none',
    message:
      `cannot ${call.purpose} at Alertmanager ${connection.host}: ${place}: ${issue?.message ?? 'malformed'}; ` +
      'check that the configured URL is that of an Alertmanager with API v2',
    status: reply.status,
  });
}

/** No JSON at all becomes `undefined`, which no schema of ours accepts. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
