import { z } from 'zod';

import { PrometheusError, type PrometheusErrorCode } from './error.ts';
import { quoteBody, type HttpCall, type HttpConnection, type HttpReply } from './http.ts';

/** The envelope of a refusal: https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview */
const errorEnvelopeSchema = z.object({
  status: z.literal('error'),
  errorType: z.string(),
  error: z.string(),
});

/** The error that an answer other than 2xx stands for. */
export function replyError(connection: HttpConnection, call: HttpCall, reply: HttpReply): PrometheusError {
  const envelope = errorEnvelopeSchema.safeParse(parseJson(reply.body));
  const text = envelope.success ? `${envelope.data.errorType}: ${envelope.data.error}` : reply.body;
  const quote = quoteBody(connection.auth, text);
  const { code, advice } = classifyStatus(reply.status);
  return new PrometheusError({
    code,
    effect: call.writes && reply.status >= 500 ? 'unknown' : 'none',
    message: `cannot ${call.purpose} at Prometheus ${connection.host}: HTTP ${reply.status}${quote === '' ? '' : `: ${quote}`}; ${advice}`,
    status: reply.status,
    ...(reply.retryAfterMs === undefined ? {} : { retryAfterMs: reply.retryAfterMs }),
  });
}

/** 422 is what Prometheus says to a query that parses and can't be executed. */
function classifyStatus(status: number): { readonly code: PrometheusErrorCode; readonly advice: string } {
  if (status === 401) {
    return { code: 'unauthenticated', advice: 'check the configured user, password or token' };
  }
  if (status === 403) return { code: 'forbidden', advice: 'give this user the right to do so' };
  if (status === 404) return { code: 'notFound', advice: 'check the path of the configured URL' };
  if (status === 429) return { code: 'rateLimited', advice: 'ask less often' };
  if (status >= 500) return { code: 'unavailable', advice: "look into the server's log" };
  if (status >= 400) return { code: 'badRequest', advice: 'the request has to be corrected' };
  return {
    code: 'malformedResponse',
    advice: 'configure the final URL of Prometheus: redirects are not followed',
  };
}

/**
 * Parses the `data` of a successful answer.
 * @throws PrometheusError `malformedResponse`, naming the place in the answer.
 */
export function parseReply<T>(
  connection: HttpConnection,
  call: HttpCall,
  reply: HttpReply,
  schema: z.ZodType<T>,
): T {
  const envelope = z.object({ status: z.literal('success'), data: schema });
  const result = envelope.safeParse(parseJson(reply.body));
  if (result.success) return result.data.data;
  const issue = result.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? 'the answer' : issue.path.join('.');
  throw new PrometheusError({
    code: 'malformedResponse',
    effect: 'none',
    message:
      `cannot ${call.purpose} at Prometheus ${connection.host}: ${place}: ${issue?.message ?? 'malformed'}; ` +
      'check that the configured URL is that of a Prometheus',
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
