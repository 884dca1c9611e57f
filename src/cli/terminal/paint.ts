import { styleText } from 'node:util';

/** What a part of the output is; how it looks is decided here alone. */
export type Style = 'good' | 'bad' | 'changed' | 'quiet' | 'strong' | 'plain';

/** Gives a text its colour, or leaves it plain. */
export type Paint = (style: Style, text: string) => string;

const LOOKS = {
  good: 'green',
  bad: 'red',
  changed: 'yellow',
  quiet: 'dim',
  strong: 'bold',
  plain: [],
} as const satisfies Record<Style, Parameters<typeof styleText>[0]>;

/** Paints for a stream: in colour at a terminal, unless `NO_COLOR` is set, and plain everywhere else. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(LOOKS[style], text, { stream, validateStream: true });
}
