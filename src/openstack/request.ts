import type { OpenStackErrorFields, OpenStackService } from './error.ts';

/** The methods that we use. */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One HTTP request. */
export interface TransportRequest {
  readonly service: OpenStackService;
  /** What it is for, as it stands in messages. */
  readonly purpose: string;
  readonly method: HttpMethod;
  /** The path below the endpoint with its variable parts in braces. */
  readonly route: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Whether it changes something over there. */
  readonly writes: boolean;
}

/** How each message begins: what failed, and where. */
export function describeRequest({ purpose, method, url }: TransportRequest): string {
  return `cannot ${purpose} (${method} ${url.host}${url.pathname})`;
}

/** A write whose answer can't be read has most likely happened. */
export function malformedFields(request: TransportRequest, why: string): OpenStackErrorFields {
  return {
    code: 'malformedResponse',
    service: request.service,
    effect: request.writes ? 'unknown' : 'none',
    message: `${describeRequest(request)}: the answer makes no sense: ${why}`,
  };
}
