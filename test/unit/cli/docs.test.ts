import { readFile } from 'node:fs/promises';
import { CommanderError, type Command } from 'commander';
import { expect, test } from 'vitest';
import { listCommands, PAGE_FILE, renderPage } from '../../../scripts/cliDocs.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { findCommands, listDocPages, readDocPage } from '../../support/docPage.ts';

const FURTHER_PAGES = ['../README.md', '../ARCHITECTURE.md', '../CONTRIBUTING.md'];
/** On the pages it stands for any command. Other placeholders are taken as they are: names of regions, hosts, plans and files. */
const ANY_COMMAND = 'COMMAND';
/** How a parser without errors ends where it has shown something instead. */
const SHOWN = ['commander.helpDisplayed', 'commander.version'];

test('docs/cli.md is what the commands say of themselves', async () => {
  expect(await readFile(PAGE_FILE, 'utf8'), 'renew it: npm run -s cli-docs').toBe(await renderPage());
});

test('every command has an example and its exit codes', async () => {
  const page = await renderPage();
  const [, ...sections] = page.split('\n## innervisor');

  expect(sections).toHaveLength(listCommands(createProgram()).length);
  for (const section of sections) expect(section).toContain('Exit codes');
  for (const section of sections.slice(1)) expect(section).toMatch(/Examples:\n {2}\S/);
});

test('every command that a page names, in a block or in its text, is one that the program takes', async () => {
  const names = await listDocPages();
  const commands = await Promise.all([...names, ...FURTHER_PAGES].map(commandsOf));

  const wrong = commands.flat().flatMap(({ page, words }) => {
    const error = isName(words) ? undefined : refusalOf(words);
    return error === undefined ? [] : [`${page}: innervisor ${words.join(' ')}: ${error}`];
  });

  expect(names.length).toBeGreaterThan(60);
  expect(commands.flat().length).toBeGreaterThan(150);
  expect(wrong).toEqual([]);
});

test.each([
  [['reconcil', 'luxembourg'], "unknown command 'reconcil'"],
  [['schedule', 'aply'], "unknown command 'aply'"],
  [['rules', '--output-dir'], 'argument missing'],
  [['status', '--folow'], "unknown option '--folow'"],
  [['probes', 'show', 'REGION'], "missing required argument 'probe'"],
])('the command %j is refused', (words, refusal) => {
  expect(refusalOf(words)).toContain(refusal);
});

interface Named {
  readonly page: string;
  readonly words: readonly string[];
}

async function commandsOf(page: string): Promise<readonly Named[]> {
  const { code } = await readDocPage(page);
  return code
    .filter((line) => !line.startsWith('Usage:'))
    .flatMap((line) => findCommands('innervisor', line))
    .map((words) => ({ page, words: words.map((word) => (word === ANY_COMMAND ? 'plan' : word)) }));
}

/** Whether a command is only called by its name, as text does, without the arguments that it needs. */
function isName(words: readonly string[]): boolean {
  let command: Command | undefined = createProgram();
  for (const word of words) command = command?.commands.find((one) => one.name() === word);
  return command !== undefined;
}

/** Parses the words as the program would, without doing what they say, and gives what it has against them. */
function refusalOf(words: readonly string[]): string | undefined {
  const program = createProgram();
  for (const command of allOf(program))
    command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  // The program itself, which comes first, does nothing but to know its commands.
  for (const command of listCommands(program).slice(1)) command.action(() => undefined);
  try {
    program.parse(words, { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return SHOWN.includes(error.code) ? undefined : error.message;
  }
}

function allOf(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}
