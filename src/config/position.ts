import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import type { KeyPath } from './keys.ts';

/** Where in a file something stands; both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What a key's path leads to in a YAML document, and how far of it exists. */
export interface Place extends Position {
  /** How many parts of the path exist. */
  readonly depth: number;
}

/** The position of the key at `path`, or of its nearest parent that exists. */
export function locate(document: Document, lines: LineCounter, path: KeyPath): Place {
  let node = resolveAlias(document, document.contents);
  let offset = startOf(node) ?? 0;
  let depth = 0;
  for (const part of path) {
    const step = stepInto(node, part);
    if (step === null) break;
    offset = startOf(step.at) ?? offset;
    node = resolveAlias(document, step.value);
    depth += 1;
  }
  return { ...positionAt(lines, depth === 0 ? 0 : offset), depth };
}

/** The position of a byte offset. */
export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function stepInto(node: unknown, part: string | number): { at: unknown; value: unknown } | null {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
    return pair === undefined ? null : { at: pair.key, value: pair.value };
  }
  if (isSeq(node)) {
    const item = node.items[Number(part)];
    return item === undefined ? null : { at: item, value: item };
  }
  return null;
}

function resolveAlias(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}
