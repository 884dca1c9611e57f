/** What went wrong, as a word that doesn't change; callers switch over it and never over the message. */
export type ObjectStoreErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'unauthenticated'
  | 'forbidden'
  | 'badRequest'
  | 'bucketMissing'
  | 'notFound'
  | 'preconditionFailed'
  | 'unsupported'
  | 'tooLarge'
  | 'rateLimited'
  | 'unavailable'
  | 'malformedResponse';

/** What an {@link ObjectStoreError} is made of. */
export interface ObjectStoreErrorFields {
  readonly code: ObjectStoreErrorCode;
  /** `none`: nothing was changed there. `unknown`: the write may have happened; look before repeating it. */
  readonly effect: 'none' | 'unknown';
  readonly message: string;
  /** HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** The server's name for the request, for its administrator. */
  readonly requestId?: string | undefined;
}

/** Every failure of the object store client. It holds no request, no header and no secret. */
export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError';
  readonly code: ObjectStoreErrorCode;
  readonly effect: 'none' | 'unknown';
  readonly status: number | undefined;
  readonly requestId: string | undefined;

  constructor(fields: ObjectStoreErrorFields) {
    super(fields.message);
    this.code = fields.code;
    this.effect = fields.effect;
    this.status = fields.status;
    this.requestId = fields.requestId;
  }
}
