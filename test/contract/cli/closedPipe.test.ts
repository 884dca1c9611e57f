import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command } from '../../../lab/stack/command.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

test('a reader that has seen enough is no failure', async () => {
  const innervisor = `"${process.execPath}" src/cli/main.ts rules --config examples/innervisor.yaml`;

  const { code, stdout, stderr } = await command(
    'bash',
    ['-c', `set -o pipefail; cd "${ROOT}"; ${innervisor} | head -n 1`],
    { env: process.env },
  );

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toHaveLength(2);
});
