import { paintFor, type Style } from './paint.ts';
import { printable } from './printable.ts';

/** Says on stderr what failed, and what to do, in words that are fit for a terminal. */
export function printError(message: string, hint?: string): void {
  print('error', 'bad', message, hint);
}

/** Says on stderr what a person should know though nothing failed, and what to do; any words are made fit for a terminal. */
export function printNote(message: string, hint?: string): void {
  print('note', 'changed', printable(message), hint === undefined ? undefined : printable(hint));
}

function print(kind: string, style: Style, message: string, hint?: string): void {
  const paint = paintFor(process.stderr);
  process.stderr.write(`${paint(style, `${kind}:`)} ${message}\n`);
  if (hint !== undefined) process.stderr.write(`${paint('quiet', 'hint:')} ${hint}\n`);
}
