import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

const COLUMNS = 80;
const ROWS = 24;

/** Some lines at the end of a terminal that are drawn anew in place. */
export interface LiveBlock {
  /** Draws these lines instead of the last ones. */
  draw(lines: readonly string[]): void;
  /** Leaves what was drawn where it is; the next lines are drawn below it. */
  leave(): void;
}

/** Draws on a terminal; lines are cut to its width and the first ones left out where it is too low. */
export function openLiveBlock(stream: NodeJS.WriteStream): LiveBlock {
  let drawn = 0;
  return {
    draw(lines) {
      // A terminal that doesn't know its size says 0.
      const [columns, rows] = [stream.columns || COLUMNS, stream.rows || ROWS];
      const shown = lines.slice(-Math.max(1, rows - 1)).map((line) => cut(line, columns));
      moveCursor(stream, 0, -drawn);
      cursorTo(stream, 0);
      clearScreenDown(stream);
      stream.write(shown.map((line) => `${line}\n`).join(''));
      drawn = shown.length;
    },
    leave() {
      drawn = 0;
    },
  };
}

/** A line that breaks would be drawn twice. Colours are only lost on a line that is too long. */
function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length < columns ? line : `${plain.slice(0, Math.max(1, columns - 2))}…`;
}
