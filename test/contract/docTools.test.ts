import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command } from '../../lab/stack/command.ts';
import { findOnPath } from '../../lab/tools/command.ts';
import { ensureTools } from '../../lab/tools/index.ts';
import { findCommands, listDocPages, readDocPage } from '../support/docPage.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
/** Commands of `openstack` that come with a package of their own, which each page that names one has to name too. */
const PLUGINS: Readonly<Record<string, string>> = { 'resource provider': 'osc-placement' };
/** The innermost brackets of a synopsis. */
const OPTIONAL = /\[[^[\]]*\]/;

/** What a program says of one of its commands. */
interface Help {
  /** The words of the command, without its arguments. */
  readonly name: string;
  /** Its flags, and whether a value follows. */
  readonly flags: ReadonlyMap<string, boolean>;
  /** How many arguments it needs beside its flags. */
  readonly argumentsMin: number;
}

interface Named {
  readonly page: string;
  readonly words: readonly string[];
}

/** The commands of a program that pages name, in blocks and in text. */
async function listNamed(program: string): Promise<readonly Named[]> {
  const named = [...(await listDocPages()), '../README.md', '../CONTRIBUTING.md'].map(async (page) => {
    const lines = (await readDocPage(page)).code.filter((line) => line.trimStart().startsWith(program));
    return lines.flatMap((line) => findCommands(program, line)).map((words) => ({ page, words }));
  });
  return (await Promise.all(named)).flat();
}

/** The words before the first flag: a command and, of some programs, its first arguments. */
function beginOf(words: readonly string[]): string {
  const flag = words.findIndex((word) => word.startsWith('-'));
  return (flag < 0 ? words : words.slice(0, flag)).join(' ');
}

/** What is wrong with a command, by what the program says of it. */
function findFault(words: readonly string[], { name, flags, argumentsMin }: Help): string | undefined {
  const rest = words.slice(name.split(' ').length).map((word) => word.split('=', 1)[0] ?? '');
  const unknown = rest.find((word) => word.startsWith('--') && !flags.has(word));
  if (unknown !== undefined) return `there is no ${unknown}`;
  const given = rest.filter(
    (word, place) => !word.startsWith('-') && flags.get(rest[place - 1] ?? '') !== true,
  );
  return given.length < argumentsMin ? 'an argument lacks' : undefined;
}

/** Flags in the columns of a help: `-s, --schedule-id string   …`, `--host <hostname>`, `--wait`. */
function readFlags(help: string): ReadonlyMap<string, boolean> {
  const flags = [...help.matchAll(/^ {2,6}(?:-\w(?: <[^>]+>)?, )?(--[\w-]+)(?:, -\w)?( [^\s]+)?/gm)];
  return new Map(flags.map(([, flag = '', value]) => [flag, value !== undefined]));
}

test('temporal knows every command of its own that a page names, and each of the flags', async () => {
  const { temporal } = await ensureTools(['temporal']);
  const ask = async (words: string) =>
    (await command(temporal, words.split(' '), { env: { ...process.env, NO_COLOR: '1' } })).stdout;
  const named = await listNamed('temporal');
  const everywhere = readFlags(await ask('options'));

  const wrong: string[] = [];
  for (const { page, words } of named) {
    const begin = beginOf(words);
    const help = await ask(`${begin} --help`);
    const alias = [...help.matchAll(/Aliased\s+as\s+"(--[\w-]+)"/g)].map(
      ([, flag = '']) => [flag, true] as const,
    );
    const flags = new Map([...everywhere, ...readFlags(help), ...alias]);
    const fault = help.includes(`\n  temporal ${begin} [flags]\n`)
      ? findFault(words, { name: begin, flags, argumentsMin: 0 })
      : 'there is no such command';
    if (fault !== undefined) wrong.push(`${page}: temporal ${words.join(' ')}: ${fault}`);
  }

  expect(named.length).toBeGreaterThan(30);
  expect(wrong).toEqual([]);
});

test('openstack knows every command of its own that a page names, or the page says with which package', async (context) => {
  const openstack = await findOnPath('openstack');
  if (openstack === undefined) context.skip('no openstack on PATH');
  const named = await listNamed('openstack');
  const everywhere = readFlags(await run(`'${openstack}' --help`));
  // Given its commands one by one it is started only once, and asks no cloud for its help.
  const bare = named.map(({ words }) => withoutFlags(words, everywhere));
  const questions = bare.map((words) => `help ${beginOf(words)}\n`).join('');
  const answers = (await run(`printf '%s' "$QUESTIONS" | '${openstack}' 2>&1`, { QUESTIONS: questions }))
    .split(/^(?=usage: |Unknown command )/m)
    .filter((answer) => /^(usage|Unknown)/.test(answer));
  expect(answers).toHaveLength(named.length);

  const wrong: string[] = [];
  for (const [index, { page, words }] of named.entries()) {
    const answer = answers[index] ?? '';
    const fault = answer.startsWith('usage: ')
      ? findFault(bare[index] ?? [], readHelp(answer))
      : await findLackOfPlugin(page, words);
    if (fault !== undefined) wrong.push(`${page}: openstack ${words.join(' ')}: ${fault}`);
  }

  expect(named.length).toBeGreaterThan(30);
  expect(wrong).toEqual([]);
});

/** Runs a line of the shell without the cloud of whoever runs the tests, and gives what it prints. */
async function run(line: string, variables: Readonly<Record<string, string>> = {}): Promise<string> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('OS_'));
  const env = { ...Object.fromEntries(own), LC_ALL: 'C.UTF-8', COLUMNS: '200', ...variables };
  return (await command('sh', ['-c', line], { env })).stdout;
}

/** A command without those flags and their values. */
function withoutFlags(words: readonly string[], flags: ReadonlyMap<string, boolean>): readonly string[] {
  return words.filter((word, place) => !flags.has(word) && flags.get(words[place - 1] ?? '') !== true);
}

/** Reads `usage: server show [-h] [--diagnostics | --topology] <server>` and the flags below it. */
function readHelp(answer: string): Help {
  const [usage = '', ...sections] = answer.split('\n\n');
  const [, name = '', synopsis = ''] = /^usage: ([a-z -]+?) (\[[^]*)/.exec(usage) ?? [];
  let required = synopsis;
  while (OPTIONAL.test(required)) required = required.replace(OPTIONAL, '');
  return {
    name,
    flags: readFlags(sections.join('\n\n')),
    argumentsMin: required.match(/<[^>]+>/g)?.length ?? 0,
  };
}

async function findLackOfPlugin(page: string, words: readonly string[]): Promise<string | undefined> {
  const begin = Object.keys(PLUGINS).find((known) => `${words.join(' ')} `.startsWith(`${known} `));
  if (begin === undefined) return 'there is no such command';
  const plugin = PLUGINS[begin] ?? '';
  return (await readFile(join(DOCS, page), 'utf8')).includes(plugin) ? undefined : `it needs ${plugin}`;
}
