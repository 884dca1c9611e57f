import { Argument, Option, type Command } from 'commander';

/** The form of a result: for people, or for programs. */
export type OutputForm = 'text' | 'json' | 'yaml';

/** The option that every command has which gives a result. */
export function outputOption(): Option {
  return new Option('-o, --output <form>', 'form of the result on stdout')
    .choices(['text', 'json', 'yaml'])
    .default('text');
}

/** Lets a command take several regions, by argument, by `--region` or both, which its action gets as one; or `--all`. */
export function takeRegions(command: Command): Command {
  return command
    .addArgument(new Argument('[regions...]', 'regions of innervisor.yaml'))
    .addOption(new Option('-r, --region <region...>', 'regions too, for who names them by an option'))
    .addOption(new Option('-a, --all', 'every region of innervisor.yaml').default(false))
    .hook('preAction', () => {
      const { region = [] } = command.opts<{ readonly region?: readonly string[] }>();
      const [named] = command.processedArgs as [string[]];
      command.processedArgs[0] = [...named, ...region];
    });
}
