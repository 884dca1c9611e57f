import { CommanderError } from 'commander';
import { CancelledFailure, isGrpcServiceError, ServiceError, WorkflowFailedError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { ConfigReferenceError } from '../config/error.ts';
import { ConfigError } from '../config/index.ts';
import { ObjectStoreError } from '../objectstore/error.ts';
import { PrometheusError } from '../prometheus/error.ts';
import { CliError } from './errors.ts';
import { printable, printableLines } from './terminal/printable.ts';

/** Errors whose messages are written for people and say what to do. */
const READABLE = [ConfigReferenceError, ObjectStoreError, PrometheusError, CommanderError];

/** What failed and what to do, without a stack but for our own mistakes; fit for a terminal. */
export function describeError(error: unknown): { readonly message: string; readonly hint?: string } {
  // Its lines are findings, made by us.
  if (error instanceof ConfigError) return { message: error.message };
  if (error instanceof CliError)
    return {
      message: printable(error.message),
      ...(error.hint === undefined ? {} : { hint: printable(error.hint) }),
    };
  if (READABLE.some((kind) => error instanceof kind)) return { message: printable((error as Error).message) };
  if (error instanceof WorkflowFailedError) {
    if (isCancellation(error))
      return { message: 'the pass was cancelled', hint: 'innervisor status shows how far it came' };
    return {
      message: `the pass failed: ${printable(rootCause(error).message)}`,
      hint: 'docs/failures.md says what each kind of failure means and what to do; then run the command again',
    };
  }
  if (error instanceof NamespaceNotFoundError)
    return {
      message: `Temporal has no namespace ${JSON.stringify(printable(error.namespace))}`,
      hint: 'set TEMPORAL_NAMESPACE, or namespace of the profile in temporal.toml',
    };
  if (error instanceof ServiceError) {
    const cause = rootCause(error);
    const why = cause.message === error.message ? error.message : `${error.message}: ${cause.message}`;
    return { message: `Temporal refused: ${printable(why)}`, hint: adviseOnRefusal(cause) };
  }
  return { message: printableLines(error instanceof Error ? (error.stack ?? error.message) : String(error)) };
}

/** Whether a workflow ended because it was asked to. */
export function isCancellation(error: WorkflowFailedError): boolean {
  return rootCause(error) instanceof CancelledFailure;
}

/** What lies at the bottom of an error. */
export function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}

/** gRPC's own numbers of PERMISSION_DENIED and UNAUTHENTICATED: https://grpc.io/docs/guides/status-codes/ */
export const ACCESS_CODES: readonly number[] = [7, 16];

function adviseOnRefusal(cause: Error): string {
  return isGrpcServiceError(cause) && ACCESS_CODES.includes(cause.code)
    ? 'give the API key or client certificate rights in that namespace: TEMPORAL_API_KEY, TEMPORAL_NAMESPACE, temporal.toml'
    : 'run the command again; if it stays so, the log of the Temporal server says more';
}
