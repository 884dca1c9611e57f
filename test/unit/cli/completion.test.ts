import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { complete } from '../../../src/cli/commands/completion.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { linkProgram } from '../../support/linkProgram.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const CONFIG = join(ROOT, 'test', 'fixtures', 'config', 'minimal.yaml');
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

/** What each shell is told to do with its script: complete `innervisor -c CONFIG plan t`. */
const TRIALS = {
  bash: `source <(innervisor completion bash)
    COMP_WORDS=(innervisor -c '${CONFIG}' plan t); COMP_CWORD=4; _innervisor; echo "\${COMPREPLY[*]}"`,
  // Outside of a line editor, what compinit brings is stood in for.
  zsh: `compdef() { :; }; compadd() { print -r -- \${(P)2}; }
    source <(innervisor completion zsh)
    words=(innervisor -c '${CONFIG}' plan t); CURRENT=5; _innervisor`,
  fish: `innervisor completion fish | source; complete -C "innervisor -c '${CONFIG}' plan t"`,
} as const;

test.for(['bash', 'zsh', 'fish'] as const)(
  'the script for %s completes the regions of the configuration',
  async (shell, { skip }) => {
    const bin = await mkdtemp(join(tmpdir(), 'innervisor-completion-'));
    await linkProgram(bin);
    const env = { ...process.env, HOME: bin, PATH: [bin, process.env['PATH']].join(delimiter) };

    const ran = await promisify(execFile)(shell, ['-c', TRIALS[shell]], { env }).catch((error: unknown) => {
      skip((error as NodeJS.ErrnoException).code === 'ENOENT', `there is no ${shell} on this machine`);
      throw error;
    });

    expect(ran).toEqual({ stdout: 'two\n', stderr: '' });
  },
);
