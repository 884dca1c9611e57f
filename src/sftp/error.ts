/** What went wrong, as a word that doesn't change; callers switch over it and never over the message. */
export type SftpErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'hostKeyMismatch'
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'badRequest'
  | 'tooLarge'
  | 'connectionLost'
  | 'unavailable';

/** What an {@link SftpError} is made of. */
export interface SftpErrorFields {
  readonly code: SftpErrorCode;
  /** `none`: the file there is as it was. `unknown`: it may have been replaced; look before repeating it. */
  readonly effect: 'none' | 'unknown';
  readonly message: string;
}

/** Every failure of the SFTP client. It holds no key and nothing of a file. */
export class SftpError extends Error {
  override readonly name = 'SftpError';
  readonly code: SftpErrorCode;
  readonly effect: 'none' | 'unknown';

  constructor({ code, effect, message }: SftpErrorFields) {
    super(message);
    this.code = code;
    this.effect = effect;
  }
}
