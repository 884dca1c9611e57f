import { ApplicationFailure } from '@temporalio/common';
import { AlertmanagerError } from '../alertmanager/error.ts';
import type { FailureKind } from '../domain/failure.ts';
import { ObjectStoreError } from '../objectstore/error.ts';
import { OpenStackError } from '../openstack/error.ts';
import { PrometheusError } from '../prometheus/error.ts';
import { SftpError } from '../sftp/error.ts';

interface Classification {
  readonly kind: FailureKind;
  /** The proof that trying again can't help; `null` where it may. */
  readonly terminal: string | null;
}

/** Codes of the clients' errors, by what they mean for a pass. Transient by default. */
const CLASSES: Readonly<Record<string, Classification>> = {
  unauthenticated: {
    kind: 'unauthenticated',
    terminal: 'wrong credentials stay wrong until the operator changes them',
  },
  forbidden: { kind: 'forbidden', terminal: 'rights don’t change by asking again' },
  hostKeyMismatch: {
    kind: 'unauthenticated',
    terminal: 'a host’s key changes only by hand, and so does the pinned one',
  },
  badRequest: { kind: 'badRequest', terminal: 'the same request is refused again' },
  notFound: { kind: 'notFound', terminal: 'what is named by configuration doesn’t appear by waiting' },
  bucketMissing: { kind: 'notFound', terminal: 'a bucket doesn’t appear by waiting' },
  misconfigured: { kind: 'invalidConfig', terminal: 'the catalog doesn’t change by asking again' },
  unsupported: { kind: 'unsupported', terminal: 'the service’s version stays as it is' },
  tooLarge: {
    kind: 'malformedDocument',
    terminal: 'a document that is too large stays so until somebody removes it',
  },
  malformedFile: { kind: 'malformedDocument', terminal: 'a file in the way stays until somebody removes it' },
  writeFailed: { kind: 'unavailable', terminal: null },
  preconditionFailed: { kind: 'conflict', terminal: null },
  conflict: { kind: 'conflict', terminal: null },
  quotaExceeded: { kind: 'quotaExceeded', terminal: null },
  rateLimited: { kind: 'rateLimited', terminal: null },
  malformedResponse: { kind: 'malformedResponse', terminal: null },
  timeout: { kind: 'timeout', terminal: null },
};

const TRANSIENT: Classification = { kind: 'unavailable', terminal: null };

/** A failure of ours, as Temporal shows and retries it. */
export function failure(
  kind: FailureKind,
  message: string,
  options: { readonly terminal: boolean; readonly retryAfterMs?: number | undefined },
): ApplicationFailure {
  return ApplicationFailure.create({
    type: kind,
    message,
    nonRetryable: options.terminal,
    ...(options.retryAfterMs === undefined ? {} : { nextRetryDelay: options.retryAfterMs }),
  });
}

/** Whether an error is one of our clients' own, with a stable code and a message without secrets. */
export function isClientError(
  error: unknown,
): error is OpenStackError | AlertmanagerError | PrometheusError | ObjectStoreError | SftpError {
  return (
    error instanceof OpenStackError ||
    error instanceof AlertmanagerError ||
    error instanceof PrometheusError ||
    error instanceof ObjectStoreError ||
    error instanceof SftpError
  );
}

/** What kind of failure a client's error is, and whether trying again can help. */
export function classify(error: { readonly code: string }): Classification {
  return CLASSES[error.code] ?? TRANSIENT;
}

/** The one place where clients' errors become failures; what it doesn't know it passes on. */
export function toFailure(error: unknown): unknown {
  if (!isClientError(error)) return error;
  const { kind, terminal } = classify(error);
  const retryAfterMs = 'retryAfterMs' in error ? error.retryAfterMs : undefined;
  return failure(kind, error.message, { terminal: terminal !== null, retryAfterMs });
}
