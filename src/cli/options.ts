import { Argument, Option, type Command } from 'commander';

/** The form of a result: for people, or for programs. */
export type OutputForm = 'text' | 'json' | 'yaml';

/** The option that every command has which gives a result. */
export function outputOption(): Option {
  return new Option('-o, --output <form>', 'form of the result on stdout')
    .choices(['text', 'json', 'yaml'])
    .default('text');
}

/** Lets a command take several regions, or `--all`. */
export function takeRegions(command: Command, what = 'regions of innervisor.yaml'): Command {
  return command
    .addArgument(new Argument('[regions...]', what))
    .addOption(new Option('-a, --all', 'every region of innervisor.yaml').default(false));
}
