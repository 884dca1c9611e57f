import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './compose.ts';

/** One stage of the `Dockerfile`. */
export interface Stage {
  /** Arguments of one instruction, in their order, each on one line. */
  all(instruction: string): readonly string[];
  /** Of an instruction that is given as JSON, such as `CMD`; empty without it. */
  words(instruction: string): readonly string[];
  /** The stage that this one is made from, or an image. */
  readonly base: string;
}

/** Reads one stage of the `Dockerfile`. */
export async function readStage(name: string): Promise<Stage> {
  const text = (await readFile(join(ROOT, 'Dockerfile'), 'utf8')).replaceAll(/\\\n\s*/g, '');
  const stage = text.split(/^FROM /m).find((part) => part.split('\n')[0]?.endsWith(` AS ${name}`));
  if (stage === undefined) throw new Error(`the Dockerfile has no stage ${name}`);
  const lines = stage.split('\n');
  const all = (instruction: string): string[] =>
    lines.flatMap((line) => (line.startsWith(`${instruction} `) ? [line.slice(instruction.length + 1)] : []));
  return {
    all,
    words: (instruction) => JSON.parse(all(instruction).at(-1) ?? '[]') as string[],
    base: lines[0]?.split(' ')[0] ?? '',
  };
}
