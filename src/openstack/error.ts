/** What went wrong, as a word that doesn't change; callers switch over it and never over the message. */
export type OpenStackErrorCode =
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'quotaExceeded'
  | 'badRequest'
  | 'rateLimited'
  | 'unavailable'
  | 'timeout'
  | 'connection'
  | 'malformedResponse'
  | 'unsupported'
  | 'misconfigured';

/** The services that we speak to, by their type in the catalog. */
export type OpenStackService = 'identity' | 'compute' | 'image' | 'network';

/** `none`: nothing was changed there. `unknown`: the write may have happened; look before repeating it. */
export type WriteEffect = 'none' | 'unknown';

/** What an {@link OpenStackError} is made of. */
export interface OpenStackErrorFields {
  readonly code: OpenStackErrorCode;
  readonly service: OpenStackService;
  readonly effect: WriteEffect;
  /** One line: what failed, where, and what the service says about it. */
  readonly message: string;
  /** HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** The service's `x-openstack-request-id`, to be looked for in its log. */
  readonly requestId?: string | undefined;
  /** How long the service asks us to stay away, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Every failure of the OpenStack client. It holds no request, no header, no body and no secret; what got threw is
 * left behind on purpose, because it carries the request with its token.
 */
export class OpenStackError extends Error {
  override readonly name = 'OpenStackError';
  readonly code: OpenStackErrorCode;
  readonly service: OpenStackService;
  readonly effect: WriteEffect;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(fields: OpenStackErrorFields) {
    super(fields.message);
    this.code = fields.code;
    this.service = fields.service;
    this.effect = fields.effect;
    this.status = fields.status;
    this.requestId = fields.requestId;
    this.retryAfterMs = fields.retryAfterMs;
  }
}
