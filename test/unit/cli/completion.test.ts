import { expect, test } from 'vitest';
import { complete } from '../../../src/cli/commands/completion.ts';
import { createProgram } from '../../../src/cli/program.ts';

const program = createProgram();

test.each<readonly [string, readonly string[], readonly string[]]>([
  ['commands that begin so', ['pl'], ['plan']],
  ['the verbs of a command', ['schedule', 're'], ['resume', 'remove']],
  ['regions', ['plan', ''], ['one', 'two']],
  ['more regions after options', ['plan', 'one', '--all', 't'], ['two']],
  ['the values of an option', ['status', '--output', ''], ['text', 'json', 'yaml']],
  ['regions behind their option', ['plan', '--region', ''], ['one', 'two']],
  ['nothing for a value that is free', ['schedule', 'pause', '--reason', ''], []],
  ['options', ['reconcile', '--d'], ['--dry-run', '--detach']],
  ['options of the program behind a command', ['reconcile', '--con'], ['--config']],
  ['shells', ['completion', ''], ['bash', 'zsh', 'fish']],
  ['the region and not the probe', ['probes', 'show', 'o'], ['one']],
])('completes %s', (_what, words, expected) => {
  expect(complete(program, words, ['one', 'two'])).toEqual(expected);
});

test('never offers the hidden command that the scripts ask', () => {
  expect(complete(program, ['comp'], [])).toEqual(['completion']);
});
