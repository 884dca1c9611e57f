/** What a terminal might obey, or show as something else: control and format characters, and ends of lines. */
export const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** JSON or YAML in which unprintable characters of quoted texts are written as escapes: the same value, harmless to see. */
export function escapeQuoted(text: string): string {
  return text.replaceAll(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
