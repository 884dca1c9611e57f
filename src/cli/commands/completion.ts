import { Argument, type Command, type Option } from 'commander';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';

const SHELLS = {
  bash: `_innervisor() { local IFS=$'\\n'; COMPREPLY=($(innervisor complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)); }
complete -o default -F _innervisor innervisor`,
  zsh: `#compdef innervisor
_innervisor() { local -a found; found=("\${(@f)$(innervisor complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"); compadd -a found; }
compdef _innervisor innervisor`,
  fish: `complete -c innervisor -f -a '(innervisor complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'`,
} as const;

/** `innervisor completion`, and the hidden command that its scripts ask. */
export function addCompletionCommand(program: Command, invocation: Invocation): void {
  const shells = Object.keys(SHELLS);
  const completion = program
    .command('completion')
    .description('print a script that lets the shell complete commands, options and regions')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .action((shell: keyof typeof SHELLS) => console.log(SHELLS[shell]));
  addManual(completion, {
    notes: ['The scripts call the program by its name, so it must be on the PATH.'],
    examples: [
      ['source <(innervisor completion bash)', 'in ~/.bashrc'],
      ['source <(innervisor completion zsh)', 'in ~/.zshrc, after compinit'],
      ['innervisor completion fish > ~/.config/fish/completions/innervisor.fish', 'once'],
    ],
  });
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: readonly string[]) => {
      const config = words.findIndex((word) => ['-c', '--config'].includes(word)) + 1;
      if (config > 0) program.setOptionValue('config', words[config]);
      const found = complete(program, words, await listRegions(invocation));
      if (found.length > 0) console.log(found.join('\n'));
    });
}

/** What may stand for the last of the words that follow `innervisor`, which may be empty or only begun. */
export function complete(
  program: Command,
  words: readonly string[],
  regions: readonly string[],
): readonly string[] {
  const begun = words.at(-1) ?? '';
  let command = program;
  let expected: Option | undefined;
  for (const word of words.slice(0, -1)) {
    // What follows an option that takes a value is that value.
    if (expected !== undefined) expected = undefined;
    else if (word.startsWith('-'))
      expected = optionsOf(command).find((option) => isCalled(option, word) && !option.isBoolean());
    else command = subcommandsOf(command).find((one) => one.name() === word) ?? command;
  }
  return candidates(command, begun, expected, regions).filter((candidate) => candidate.startsWith(begun));
}

function candidates(
  command: Command,
  begun: string,
  expected: Option | undefined,
  regions: readonly string[],
): readonly string[] {
  if (expected !== undefined)
    return expected.argChoices ?? (expected.attributeName() === 'region' ? regions : []);
  if (begun.startsWith('-')) return [...optionsOf(command).flatMap(({ long }) => long ?? []), '--help'];
  const subcommands = subcommandsOf(command).map((one) => one.name());
  if (subcommands.length > 0) return subcommands;
  return command.registeredArguments.flatMap(
    (argument) => argument.argChoices ?? (/^regions?$/.test(argument.name()) ? regions : []),
  );
}

function isCalled({ long, short }: Option, word: string): boolean {
  return [long, short].includes(word);
}

/** An option of the program may stand behind any command. */
function optionsOf(command: Command): readonly Option[] {
  return command.parent === null ? command.options : [...command.options, ...optionsOf(command.parent)];
}

function subcommandsOf(command: Command): readonly Command[] {
  return command.commands.filter((one) => one.name() !== 'complete');
}

/** Where there is no configuration that can be read, there are no regions to offer. */
async function listRegions(invocation: Invocation): Promise<readonly string[]> {
  try {
    return Object.keys((await invocation.config()).regions);
  } catch (error) {
    if (error instanceof Error) return [];
    throw error;
  }
}
