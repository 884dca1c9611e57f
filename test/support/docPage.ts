import { readdir, readFile } from 'node:fs/promises';

const DOCS = new URL('../../docs/', import.meta.url);
const MARK = 'not run by the test';
/** Programs whose commands the pages tell. */
const PROGRAMS = 'curl|docker|git|innervisor|node|npm|npx|openssl|openstack|promtool|tctl|temporal';
/** A comment, a block, or a paragraph. */
const PARTS =
  /^ *<!-- (?<comment>[^]*?) -->$|^(?<indent> *)```(?<language>\w*)\n(?<body>[^]*?)\n\k<indent>```$|^.*\S.*(?:\n(?! *```).*\S.*)*/gm;
const CODE_IN_TEXT = /`([^`]+)`/g;
/** A program with more words behind it. */
const COMMAND = new RegExp(`^(?:${PROGRAMS})\\s`);
/**
 * The next word of a command: quoted, of Ansible's templates, or bare. There is none behind a comment, what a shell takes for
 * itself, or the gap before a second column.
 */
const WORD = /(?:^| )(?:"([^"]*)"|'([^']*)'|(\{\{.*?\}\}|[^\s#>|&;)"'][^\s;)]*))/gy;
const END_OF_CLAUSE = /[.,:]$/;

/** The blocks and commands of a page, in their order. */
export interface DocPage {
  /** Blocks of commands that a test runs. */
  readonly commands: readonly string[];
  /** Each line of those blocks, and each command in the text between them. */
  readonly lines: readonly string[];
  /** Lines of blocks, and commands in a paragraph, that are marked as not run by a comment right above that says why. */
  readonly notRun: readonly string[];
  /** What those comments say. */
  readonly reasons: readonly string[];
  /** Each line of all blocks of whatever language, joined with those that go on from it, and all code in the text. */
  readonly code: readonly string[];
  /** Commands in a block that is indented, and those with which one begins that is of no language, or of another than `sh`. */
  readonly stray: readonly string[];
  /** Blocks of YAML. */
  readonly yaml: readonly string[];
}

/** The names of all pages of `docs`, as {@link readDocPage} takes them. */
export async function listDocPages(): Promise<readonly string[]> {
  return (await readdir(DOCS, { recursive: true })).filter((name) => name.endsWith('.md'));
}

/** Reads a page of `docs`; `../README.md` as well. */
export async function readDocPage(name: string): Promise<DocPage> {
  const text = await readFile(new URL(name, DOCS), 'utf8');
  const parts = readParts(text);
  const run = parts.filter(({ reason }) => reason === undefined);
  const marked = parts.filter(({ reason }) => reason !== undefined);
  return {
    commands: run.filter(({ language }) => language === 'sh').map(({ body }) => body),
    lines: run.flatMap(linesOf),
    notRun: marked.flatMap(linesOf),
    reasons: marked.flatMap(({ reason }) => reason ?? []),
    code: parts.flatMap(codeOf),
    stray: parts.flatMap(strayOf),
    yaml: parts.filter(({ language }) => language === 'yaml').map(({ body }) => body),
  };
}

interface Part {
  /** `null` of a paragraph. */
  readonly language: string | null;
  readonly body: string;
  /** Why it isn't run. */
  readonly reason: string | undefined;
}

function readParts(text: string): readonly Part[] {
  const parts: Part[] = [];
  let comment = '';
  for (const { groups = {}, 0: paragraph } of text.matchAll(PARTS)) {
    const { comment: begun, indent = '', language = null, body = paragraph } = groups;
    const reason = comment.startsWith(MARK) ? comment.slice(MARK.length + 2) : undefined;
    const flush = body.slice(indent.length).replaceAll(`\n${indent}`, '\n');
    if (begun === undefined) parts.push({ language, body: flush, reason });
    comment = begun ?? '';
  }
  return parts;
}

function linesOf({ language, body }: Part): readonly string[] {
  if (language === 'sh') return body.split('\n');
  if (language !== null) return [];
  return codeInText(body).filter((code) => COMMAND.test(code));
}

function codeOf({ language, body }: Part): readonly string[] {
  return language === null ? codeInText(body) : body.replaceAll(/ *\\\n\s*/g, ' ').split('\n');
}

function codeInText(paragraph: string): readonly string[] {
  return [...paragraph.matchAll(CODE_IN_TEXT)].map(([, code = '']) => code.replaceAll(/\s+/g, ' '));
}

function strayOf({ language, body }: Part): readonly string[] {
  if (language === 'sh') return [];
  const lines = body.split('\n');
  const asBlock = language === null ? lines.filter((line) => /^ {4}/.test(line)) : lines.slice(0, 1);
  return asBlock.filter((line) => COMMAND.test(line.trimStart()));
}

/**
 * Gives the commands of a program in a line of {@link DocPage.code}, each as its words without the program's name. A name that
 * is the value of an option is no command.
 */
export function findCommands(program: string, line: string): readonly (readonly string[])[] {
  const begin = `npm run -s ${program} --|(?<!\\s-\\S+ )(?<![^\\s(])${program}`;
  return [...line.matchAll(new RegExp(`(?:${begin}) (?=[a-zA-Z-])`, 'g'))].map(({ index, 0: begun }) =>
    wordsOf(line.slice(index + begun.length)),
  );
}

function wordsOf(text: string): readonly string[] {
  const words = [...text.matchAll(WORD)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');
  const last = words.findIndex((word) => END_OF_CLAUSE.test(word));
  return last < 0 ? words : words.slice(0, last + 1).with(last, (words[last] ?? '').slice(0, -1));
}
