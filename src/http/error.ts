/** What went wrong over HTTP, as a word that doesn't change; callers switch over it and never over the message. */
export type HttpErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'badRequest'
  | 'rateLimited'
  | 'unavailable'
  | 'malformedResponse';

/** What an {@link HttpError} is made of; a client may know more codes than HTTP does. */
export interface HttpErrorFields<Code extends string = HttpErrorCode> {
  readonly code: Code;
  /** `none`: nothing was changed there. `unknown`: the write may have happened; look before repeating it. */
  readonly effect: 'none' | 'unknown';
  readonly message: string;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** How long the server asks us to stay away, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** What the errors of all clients have in common; each client has a class of its own. Holds no request, header or secret. */
export abstract class HttpError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly effect: 'none' | 'unknown';
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(fields: HttpErrorFields<Code>) {
    super(fields.message);
    this.code = fields.code;
    this.effect = fields.effect;
    this.status = fields.status;
    this.retryAfterMs = fields.retryAfterMs;
  }
}
