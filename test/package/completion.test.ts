import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ensureTools } from '../../lab/tools/index.ts';
import { linkProgram } from '../support/linkProgram.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CONFIG = join(ROOT, 'test', 'fixtures', 'config', 'minimal.yaml');
const INSTALL_TIMEOUT_MS = 600_000;

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
  { timeout: INSTALL_TIMEOUT_MS },
  async (shell) => {
    const program = shell === 'bash' ? shell : (await ensureTools([shell]))[shell];
    const bin = await mkdtemp(join(tmpdir(), 'innervisor-completion-'));
    await linkProgram(bin);
    const env = { ...process.env, HOME: bin, PATH: [bin, process.env['PATH']].join(delimiter) };

    const ran = await promisify(execFile)(program, ['-c', TRIALS[shell]], { env });

    expect(ran).toEqual({ stdout: 'two\n', stderr: '' });
  },
);
