/** What a terminal might obey, or show as something else: control and format characters, and ends of lines. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A text on one line that a terminal only shows, whatever a cloud or a person put into it. */
export function printable(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ').replaceAll(UNPRINTABLE, '?');
}

/** A JSON value all of whose texts are {@link printable}, names of keys included. */
export function printableValue<T>(value: T): T {
  if (typeof value === 'string') return printable(value) as T;
  if (Array.isArray(value)) return value.map(printableValue) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [printable(key), printableValue<unknown>(item)]);
  return Object.fromEntries(entries) as T;
}

/** JSON or YAML in which unprintable characters of quoted texts are written as escapes: the same value, harmless to see. */
export function escapeQuoted(text: string): string {
  return text.replaceAll(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
