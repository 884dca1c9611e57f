import { readFile } from 'node:fs/promises';

const MARK = 'not run by the test';
/** A comment, a block, or a paragraph. */
const PARTS =
  /^<!-- (?<comment>[^]*?) -->$|^(?<indent> *)```(?<language>\w*)\n(?<body>[^]*?)\n\k<indent>```$|^.*\S.*(?:\n(?! *```).*\S.*)*/gm;
/** Code in text that is a command: a program with more words behind it. */
const IN_TEXT =
  /`((?:curl|docker|git|innervisor|node|npm|npx|openssl|openstack|promtool|tctl|temporal)\s[^`]+)`/g;

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
  /** Blocks of YAML. */
  readonly yaml: readonly string[];
}

/** Reads a page of `docs`; `../README.md` as well. */
export async function readDocPage(name: string): Promise<DocPage> {
  const text = await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
  const parts = readParts(text);
  const run = parts.filter(({ reason }) => reason === undefined);
  const marked = parts.filter(({ reason }) => reason !== undefined);
  return {
    commands: run.filter(({ language }) => language === 'sh').map(({ body }) => body),
    lines: run.flatMap(linesOf),
    notRun: marked.flatMap(linesOf),
    reasons: marked.flatMap(({ reason }) => reason ?? []),
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
  return [...body.matchAll(IN_TEXT)].map(([, command = '']) => command.replaceAll(/\s+/g, ' '));
}
