import { styleText } from 'node:util';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { configure } from 'safe-stable-stringify';
import { escapeQuoted, UNPRINTABLE } from '../domain/unprintable.ts';

/** How a worker logs. */
export interface LoggerOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly format: 'json' | 'text';
  readonly write: (line: string) => void;
}

/** The words of Temporal's SDK and ours. */
const RENAMED: Readonly<Record<string, string>> = {
  activityType: 'step',
  workflowRunId: 'runId',
  sdkComponent: 'component',
};
/** Says nothing to people, or, as the task's token, is as good as the right to answer for the step. */
const LEFT_OUT: ReadonlySet<string> = new Set(['taskToken', 'isLocal', 'namespace', 'taskQueue']);
const FIRST = ['region', 'pass', 'step', 'attempt', 'workflowId', 'runId'];
const PASS_WORKFLOW = /^region\/([a-z0-9-]+)$/;
const CAUSES_MAX = 5;
const stringifyAll = configure({
  deterministic: false,
  bigint: true,
  circularValue: '[circular]',
  maximumDepth: 6,
});

/** The one logger of a worker: for Temporal's SDK, for workflows and steps, and for what is around them. */
export function createLogger({ level, format, write }: LoggerOptions): DefaultLogger {
  const render = format === 'json' ? renderJson : renderText;
  return new DefaultLogger(toLevel(level), (entry) => write(render(entry)));
}

/** Levels as Temporal spells them. */
export function toLevel(level: LoggerOptions['level']) {
  return level.toUpperCase() as Uppercase<LoggerOptions['level']>;
}

function renderJson({ timestampNanos, level, message, meta = {} }: LogEntry): string {
  const time = toTime(timestampNanos);
  return stringify({ time, level: level.toLowerCase(), message, ...fieldsOf(meta) });
}

function renderText({ timestampNanos, level, message, meta = {} }: LogEntry): string {
  const fields = Object.entries(fieldsOf(meta)).map(
    ([key, value]) =>
      `${key}=${typeof value === 'string' && /^[^\s"=\p{C}]+$/u.test(value) ? value : stringify(value)}`,
  );
  const stream = process.stderr;
  const colour = level === 'ERROR' ? 'red' : level === 'WARN' ? 'yellow' : [];
  return [
    toTime(timestampNanos).slice(11, 23),
    styleText(colour, level.padEnd(5), { stream }),
    // Messages hold what servers said, which may not move the cursor.
    message.replaceAll(UNPRINTABLE, ' '),
    ...(fields.length === 0 ? [] : [styleText('dim', fields.join(' '), { stream })]),
  ].join(' ');
}

/** JSON on one line that a terminal only shows. */
function stringify(value: unknown): string {
  return escapeQuoted(stringifyAll(value) ?? '');
}

function toTime(nanos: bigint): string {
  return new Date(Number(nanos / 1_000_000n)).toISOString();
}

function fieldsOf(meta: Record<PropertyKey, unknown>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key of FIRST) fields[key] = undefined;
  for (const [key, value] of Object.entries(meta)) {
    if (LEFT_OUT.has(key)) continue;
    fields[RENAMED[key] ?? key] = value instanceof Error ? describeError(value) : value;
  }
  fields['region'] ??= PASS_WORKFLOW.exec(String(meta['workflowId']))?.[1];
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Error, kind and causes; no other property, since libraries hang requests with their headers onto errors. */
function describeError(error: Error, depth = 0): Record<string, unknown> {
  const kind = 'type' in error && typeof error.type === 'string' ? { kind: error.type } : {};
  const cause =
    error.cause instanceof Error && depth < CAUSES_MAX
      ? { cause: describeError(error.cause, depth + 1) }
      : {};
  return { name: error.name, ...kind, message: error.message, stack: error.stack, ...cause };
}
