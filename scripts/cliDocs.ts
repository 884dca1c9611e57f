import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { format, resolveConfig } from 'prettier';
import { createProgram } from '../src/cli/program.ts';

/** The page of the command line, which is what `--help` says of each command. */
export const PAGE_FILE = new URL('../docs/cli.md', import.meta.url);

const HEAD = `# The command line

Each command says this by itself: \`innervisor COMMAND --help\`. From a checkout it is \`npm run -s innervisor -- COMMAND\`. This page is made
from there: \`npm run -s cli-docs\`.
`;

/** The page as it should be committed. */
export async function renderPage(): Promise<string> {
  const sections = listCommands(createProgram()).map((command) => {
    const name = nameOf(command);
    return `## ${name}\n\n\`\`\`text\n${helpOf(command).trimEnd()}\n\`\`\`\n`;
  });
  const page = [HEAD, ...sections].join('\n');
  return await format(page, { ...(await resolveConfig(PAGE_FILE)), parser: 'markdown' });
}

/** The program, then every command that does something, in the order of `--help`. */
export function listCommands(command: Command): readonly Command[] {
  const visible = command.commands.filter((one) => one.name() !== 'complete');
  const own = command.parent === null || visible.length === 0 ? [command] : [];
  return [...own, ...visible.flatMap(listCommands)];
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** All of it, with what stands below the options; as wide as a terminal of 100 columns. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 });
  command.outputHelp();
  return text;
}

if (import.meta.main) await writeFile(PAGE_FILE, await renderPage());
