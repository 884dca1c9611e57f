import { CommanderError } from 'commander';
import { CancelledFailure, ServiceError, WorkflowFailedError } from '@temporalio/client';
import { ConfigReferenceError } from '../config/error.ts';
import { ConfigError } from '../config/index.ts';
import { ObjectStoreError } from '../objectstore/error.ts';
import { PrometheusError } from '../prometheus/error.ts';
import { CliError } from './errors.ts';
import { printable } from './terminal/printable.ts';

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
    const cause = rootCause(error);
    if (cause instanceof CancelledFailure) return { message: 'the pass was cancelled' };
    return { message: `the pass failed: ${printable(cause.message)}` };
  }
  if (error instanceof ServiceError) {
    const why = rootCause(error).message;
    return {
      message: `Temporal refused: ${printable(why === error.message ? why : `${error.message}: ${why}`)}`,
    };
  }
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** What lies at the bottom of an error. */
export function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
