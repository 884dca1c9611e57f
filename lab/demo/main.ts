import { ensureTools, ToolMissingError } from '../tools/index.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { HELP, LISTENERS_MAX, parseOptions, UsageError, type DemoOptions } from './options.ts';
import { sweepRunFolders } from './runFolder.ts';
import { runDemo } from './run.ts';

const TOOLS = ['temporal', 'prometheus', 'alertmanager', 'versitygw'] as const;

/** Messages go to stderr, so that stdout holds results alone. */
function log(line: string): void {
  console.error(line);
}

async function start(options: DemoOptions, signal: AbortSignal): Promise<number> {
  if (options.hypervisors > LISTENERS_MAX && !isInNamespace()) {
    await ensureTools(TOOLS, log);
    return runInNamespace();
  }
  for (const pid of await sweepRunFolders(log))
    log(`another demo is running (pid ${pid}); this one takes other ports`);
  if (!isInNamespace()) await ensureTools(TOOLS, log);
  return runDemo(options, { signal, log });
}

async function main(): Promise<number> {
  const stop = new AbortController();
  let options: DemoOptions;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log(`demo: ${error.message}; see npm run demo -- --help`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  // A terminal sends Ctrl-C to everybody at once and npm passes it on: the first one counts.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      if (!stop.signal.aborted) log('stopping');
      stop.abort();
    });
  try {
    return await start(options, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return 130;
    log(`demo: ${describe(error)}`);
    return 1;
  }
}

/** A line for what a person can mend, the stack for what is our own mistake. */
function describe(error: unknown): string {
  if (error instanceof ToolMissingError) return error.message;
  if (error instanceof AggregateError) return error.errors.map(describe).join('\n      ');
  if (error instanceof Error) {
    const isOurs = error instanceof TypeError || error instanceof RangeError;
    return isOurs ? (error.stack ?? error.message) : error.message;
  }
  return String(error);
}

process.exitCode = await main();
