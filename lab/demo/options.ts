import { parseArgs } from 'node:util';

/** Hypervisors whose probes each get listeners on an address of their own; more share one in a network namespace. */
export const LISTENERS_MAX = 1_000;
const HYPERVISORS_MAX = 20_000;

/** How the demo was started. */
export interface DemoOptions {
  readonly hypervisors: number;
  readonly answerTimes: 'instant' | 'measured';
  readonly once: boolean;
  readonly output: 'text' | 'json';
  readonly help: boolean;
}

/** Says that the demo was started in a way that it doesn't know. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What `--help` prints. */
export const HELP = `A whole region on this machine: everything is real but the cloud and the guests in it.

Usage: npm run demo [-- options]

  --hypervisors N    size of the simulated cloud (default 12, at most ${HYPERVISORS_MAX}); from ${LISTENERS_MAX + 1} on in a
                     network namespace of its own, which needs root
  --answer-times HOW instant, or measured: the cloud takes as long to answer as a real one did
  --once             run two passes and stop: the first creates, the second changes nothing
  --output FORM      text or json; json needs --once and prints one document on stdout
  -h, --help         this text

Examples:
  npm run demo
  npm run -s demo -- --once --output json
  npm run demo -- --once --hypervisors 250

Exit codes: 0 done, 1 failed or a pass did not do what it should, 2 wrong usage, 130 stopped before it was up`;

/**
 * Reads the arguments.
 *
 * @throws UsageError naming what is wrong.
 */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { hypervisors, 'answer-times': answerTimes, once, output, help } = parse(args);
  if (!/^[1-9]\d{0,4}$/.test(hypervisors) || Number(hypervisors) > HYPERVISORS_MAX)
    throw new UsageError(`--hypervisors takes a number from 1 to ${HYPERVISORS_MAX}, not ${hypervisors}`);
  if (answerTimes !== 'instant' && answerTimes !== 'measured')
    throw new UsageError(`--answer-times takes instant or measured, not ${answerTimes}`);
  if (output !== 'text' && output !== 'json')
    throw new UsageError(`--output takes text or json, not ${output}`);
  if (output === 'json' && !once) throw new UsageError('--output json goes with --once');
  return { hypervisors: Number(hypervisors), answerTimes, once, output, help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        hypervisors: { type: 'string', default: '12' },
        'answer-times': { type: 'string', default: 'instant' },
        once: { type: 'boolean', default: false },
        output: { type: 'string', default: 'text' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
