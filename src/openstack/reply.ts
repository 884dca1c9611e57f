import type { Response } from 'got';
import type { z } from 'zod';

import { OpenStackError } from './error.ts';
import { classifyFault, effectOfStatus, parseRetryAfterMs, readFault } from './fault.ts';
import type { Quoter } from './message.ts';
import { describeRequest, malformedFields, type TransportRequest } from './request.ts';

/** An answer of status 2xx. */
export interface Reply {
  /** The URL that was asked. */
  readonly url: URL;
  header(name: string): string | undefined;
  /** Reads the body as JSON of that shape. @throws OpenStackError `malformedResponse`. */
  parse<Schema extends z.ZodType>(schema: Schema): z.output<Schema>;
  /** Makes the error for an answer that was well formed and yet makes no sense. */
  malformed(why: string): OpenStackError;
}

/** Makes the reply of an answer of status 2xx. */
export function createReply(request: TransportRequest, response: Response<string>, quoter: Quoter): Reply {
  const requestId = requestIdOf(response);
  const malformed = (why: string) =>
    new OpenStackError({
      ...malformedFields(request, quoter.quote(why)),
      status: response.statusCode,
      requestId,
    });
  return {
    url: request.url,
    header: (name) => headerOf(response, name),
    malformed,
    parse(schema) {
      let body: unknown;
      try {
        body = JSON.parse(response.body);
      } catch (error) {
        if (error instanceof SyntaxError) throw malformed('it is not JSON');
        throw error;
      }
      const parsed = schema.safeParse(body);
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      throw malformed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
    },
  };
}

/** Makes the error of an answer of any other status. */
export function describeRefusal(
  request: TransportRequest,
  response: Response<string>,
  quoter: Quoter,
): OpenStackError {
  const { service, writes } = request;
  const { statusCode: status } = response;
  const fault = readFault(response.body);
  const code = classifyFault(service, status, fault);
  const requestId = requestIdOf(response);
  const retryAfter = status === 429 || status === 503 ? headerOf(response, 'retry-after') : undefined;
  const answer = [String(status), quoter.quote(fault.text), requestId === undefined ? '' : `(${requestId})`];
  const hint = code === 'misconfigured' ? '; check the URL of the service and the proxies before it' : '';
  return new OpenStackError({
    code,
    service,
    effect: writes ? effectOfStatus(status) : 'none',
    message: `${describeRequest(request)}: ${answer.filter((part) => part !== '').join(' ')}${hint}`,
    status,
    requestId,
    retryAfterMs: parseRetryAfterMs(retryAfter, Date.now()),
  });
}

function headerOf(response: Response<string>, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Only what looks like a request id: it goes into messages and logs as it is. */
export function requestIdOf(response: Response<string>): string | undefined {
  const id = headerOf(response, 'x-openstack-request-id') ?? headerOf(response, 'x-compute-request-id');
  return id !== undefined && /^[\w-]{1,64}$/.test(id) ? id : undefined;
}
