import type { Command } from 'commander';
import { exitCodes, type ExitCode } from './errors.ts';

const MEANINGS: Readonly<Record<ExitCode, string>> = {
  [exitCodes.ok]: 'done; with plan: nothing to do; with verify: all is right',
  [exitCodes.failed]: 'failed, or wrong usage',
  [exitCodes.changes]:
    'plan and verify: a pass would change something; destroy --dry-run: there is something to remove',
  [exitCodes.held]: 'the guard holds the plan, or somebody has rejected it',
  [exitCodes.degraded]: 'done, but a hypervisor or a check failed; with destroy: something is left',
  [exitCodes.alreadyRunning]: 'a pass over that region, or its destruction, already runs',
  [exitCodes.frozen]: 'somebody has frozen the region: nothing was changed',
  [exitCodes.detached]: 'Ctrl-C: detached, the pass or the order goes on',
};

/** What stands below the options in a command's `--help`. */
export interface Manual {
  /** More than the description says; a paragraph each. */
  readonly notes?: readonly string[];
  /** Command lines with what they are for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  /** Exit codes besides 0 and 1. */
  readonly exits?: readonly ExitCode[];
}

/** Adds notes, examples and exit codes to a command's `--help`. */
export function addManual(command: Command, { notes = [], examples, exits = [] }: Manual): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const text = [
    ...notes.map((note) => `${note}\n`),
    'Examples:',
    ...examples.map(([line, purpose]) => `  ${line.padEnd(width)}  ${purpose}`),
    '',
    renderExits([exitCodes.ok, exitCodes.failed, ...exits]),
  ].join('\n');
  return command.addHelpText('after', `\n${text}`);
}

/** The exit codes of a command, or all of them. */
export function renderExits(codes: readonly ExitCode[] = Object.values(exitCodes)): string {
  const lines = codes.map((code) => `  ${String(code).padEnd(4)} ${MEANINGS[code]}`);
  return ['Exit codes; of several regions, the one that needs a person most:', ...lines].join('\n');
}
