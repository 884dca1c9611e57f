/** What went wrong, as a word that doesn't change; callers switch over it and never over the message. */
export type PrometheusErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'badRequest'
  | 'rateLimited'
  | 'unavailable'
  | 'malformedResponse'
  | 'reloadFailed'
  | 'malformedFile'
  | 'writeFailed';

/** What an {@link PrometheusError} is made of. */
export interface PrometheusErrorFields {
  readonly code: PrometheusErrorCode;
  /** `none`: nothing was changed there. `unknown`: the write may have happened; look before repeating it. */
  readonly effect: 'none' | 'unknown';
  readonly message: string;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** How long the server asks us to stay away, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** Every failure of the Prometheus client. It holds no request, no header and no secret. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';
  readonly code: PrometheusErrorCode;
  readonly effect: 'none' | 'unknown';
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(fields: PrometheusErrorFields) {
    super(fields.message);
    this.code = fields.code;
    this.effect = fields.effect;
    this.status = fields.status;
    this.retryAfterMs = fields.retryAfterMs;
  }
}
