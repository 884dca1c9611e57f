import { describe, expect, it } from 'vitest';

import { HELP, parseOptions, UsageError } from '../../../guest/image/options.ts';

describe('the options of the build', () => {
  it('are all optional', () => {
    expect(parseOptions([])).toEqual({
      to: undefined,
      output: 'text',
      locked: false,
      update: false,
      help: false,
    });
  });

  it.each([
    [['--output', 'yaml'], '--output takes text or json, not yaml'],
    [['--to='], '--to takes a folder'],
    [['--locked', '--update'], 'give one of them'],
    [['--no-such'], '--no-such'],
  ])('refuse %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });

  it('all stand in the help', () => {
    for (const option of Object.keys(parseOptions([]))) expect(HELP).toContain(`--${option}`);
  });
});
