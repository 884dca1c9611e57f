import { CommanderError } from 'commander';
import { CancelledFailure, ServiceError, WorkflowFailedError } from '@temporalio/client';
import { ConfigReferenceError } from '../config/error.ts';
import { ConfigError } from '../config/index.ts';
import { ObjectStoreError } from '../objectstore/error.ts';
import { PrometheusError } from '../prometheus/error.ts';
import { printable } from './terminal/printable.ts';

/** A failure that a person can do something about: printed as one line and a hint, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  /** What to do next. */
  readonly hint: string | undefined;

  constructor(message: string, { hint, cause }: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, { cause });
    this.hint = hint;
  }
}

/** What the command ends with; listed in `--help`. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  changes: 2,
  held: 3,
  degraded: 4,
  alreadyRunning: 5,
  detached: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** From the one that needs a person most to the one that needs nobody. */
const BY_URGENCY = [1, 3, 5, 4, 130, 2, 0] as const satisfies readonly ExitCode[];

/** The exit code of a command over several regions: the one that needs a person most. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  return BY_URGENCY.find((code) => codes.includes(code)) ?? exitCodes.ok;
}

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

function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
