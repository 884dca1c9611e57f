import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { command } from '../../../lab/stack/command.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../fixtures/config/minimal.yaml', import.meta.url));

test.each([
  ['by its argument', ['--build-id', 'a b'], {}],
  ['by the environment', [], { INNERVISOR_BUILD_ID: 'a b' }],
  ['by its argument rather than by the environment', ['--build-id', 'a b'], { INNERVISOR_BUILD_ID: '1.0' }],
])('a worker is told its build id %s, and refuses one that is none', async (_how, args, env) => {
  const { code, stderr } = await command(process.execPath, [MAIN, 'worker', '--config', CONFIG, ...args], {
    env: { ...process.env, ...env },
  });

  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({
    level: 'error',
    message: expect.stringMatching(/^--build-id or INNERVISOR_BUILD_ID: "a b" is no build id; /),
  });
});
