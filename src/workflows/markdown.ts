const TEXT_LENGTH_MAX = 300;

/** Names and messages come from the cloud and may hold anything; here they are text, of at most 300 characters. */
export function plain(text: string): string {
  const flat = text.replaceAll(/[|`<>[\]\\\r\n]/g, ' ');
  // A cut through a pair of surrogates leaves half a character, which no URL can hold.
  return flat.slice(0, TEXT_LENGTH_MAX).toWellFormed();
}

/** A name as it is, on a ground of its own: the Web UI leaves no room between the cells of a table. */
export function name(text: string): string {
  return `\`${plain(text).trim() || '?'}\``;
}

/** What stands first of these counts, without those that are zero. */
export function counts(named: Readonly<Record<string, number | undefined>>): string {
  const said = Object.entries(named).filter(([, count = 0]) => count > 0);
  return said.length === 0 ? 'nothing' : said.map(([what, count]) => `${what} ${count}`).join(' · ');
}

/**
 * The first lines that are together no longer than `lengthMax` characters of a URL: the Web UI hands Markdown to its
 * renderer in one, and proxies before it commonly refuse URLs of more than 8 KB.
 */
export function fitting(lines: readonly string[], lengthMax: number): readonly string[] {
  let length = 0;
  const end = lines.findIndex((line) => (length += encodeURIComponent(`${line}\n`).length) > lengthMax);
  return end === -1 ? lines : lines.slice(0, end);
}
