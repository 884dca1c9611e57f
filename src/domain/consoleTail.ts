const LINES_MAX = 20;
const BYTES_MAX = 4_096;
/** What moves a terminal's cursor or colours it: ECMA-48, control sequences. */
// eslint-disable-next-line no-control-regex -- these characters are what is looked for
const SEQUENCES = /\u001B(\[[0-?]*[ -/]*[@-~]|[@-_])/gu;

/**
 * The end of a console's output as text that can be shown: at most 20 lines and 4 kB, without control characters and
 * empty lines. What a guest prints is anybody's, so it is still to be escaped where it is shown.
 */
export function trimConsole(output: string): string {
  const lines = output
    .replaceAll(SEQUENCES, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.replaceAll('\t', ' ').replaceAll(/\p{C}/gu, '').trimEnd())
    .filter((line) => line !== '');
  const text = lines.slice(-LINES_MAX).join('\n');
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= BYTES_MAX) return text;
  // A character that was cut in two becomes up to three that stand for nothing.
  return new TextDecoder().decode(bytes.slice(-BYTES_MAX)).replace(/^\uFFFD+/u, '');
}
