import type { Environment } from './environment.ts';
import { ConfigReferenceError } from './error.ts';
import { mapping, oneOf } from './fields.ts';
import { listenAddress, parseListen } from './listen.ts';

const LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const;
const FORMATS = ['auto', 'json', 'text'] as const;

/** Key `worker`: how a worker shows its own health. */
export const workerSchema = mapping({
  listen: listenAddress('127.0.0.1:9465')
    .nullable()
    .describe(
      'Address and port at which a worker serves `/metrics`, `/healthz` and `/readyz`, or `null` for none.',
    )
    .default(null),
  logLevel: oneOf(LEVELS)
    .describe('The least that is logged; `INNERVISOR_LOG_LEVEL` goes before it.')
    .default('info'),
  logFormat: oneOf(FORMATS)
    .describe(
      '`json` for a line of JSON each, `text` for people, `auto` for `text` at a terminal and `json` elsewhere; `INNERVISOR_LOG_FORMAT` goes before it.',
    )
    .default('auto'),
}).transform(({ listen, ...rest }) => ({ listen: listen === null ? null : parseListen(listen), ...rest }));

/** How a worker logs. */
export interface LogSettings {
  readonly level: (typeof LEVELS)[number];
  readonly format: (typeof FORMATS)[number];
}

/**
 * What the environment says about logs, and what the configuration says where it says nothing.
 * @throws ConfigReferenceError for a word that isn't known.
 */
export function readLogSettings(
  environment: Environment,
  {
    logLevel,
    logFormat,
  }: { readonly logLevel: LogSettings['level']; readonly logFormat: LogSettings['format'] },
): LogSettings {
  return {
    level: pick(environment, 'INNERVISOR_LOG_LEVEL', LEVELS) ?? logLevel,
    format: pick(environment, 'INNERVISOR_LOG_FORMAT', FORMATS) ?? logFormat,
  };
}

function pick<Word extends string>(
  environment: Environment,
  variable: string,
  words: readonly Word[],
): Word | undefined {
  const given = environment[variable];
  const found = words.find((word) => word === given?.toLowerCase());
  if (given !== undefined && found === undefined)
    throw new ConfigReferenceError(`${variable} must be one of ${words.join(', ')}`);
  return found;
}
