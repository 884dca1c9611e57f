import { UNPRINTABLE } from '../../domain/unprintable.ts';

/** A text on one line that a terminal only shows, whatever a cloud or a person put into it. */
export function printable(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ').replaceAll(UNPRINTABLE, '?');
}

/** A text of several lines, each of them {@link printable}. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** A JSON value all of whose texts are {@link printable}, names of keys included. */
export function printableValue<T>(value: T): T {
  if (typeof value === 'string') return printable(value) as T;
  if (Array.isArray(value)) return value.map(printableValue) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [printable(key), printableValue<unknown>(item)]);
  return Object.fromEntries(entries) as T;
}
