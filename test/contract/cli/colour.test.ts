import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runInnervisor } from '../../support/innervisor.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'fixtures', 'config', 'minimal.yaml');
const PLAIN = 'error: no region "nowhere" in innervisor.yaml\r\nhint: innervisor.yaml has: one, two\r\n';

/** What is said at a terminal. */
async function said(env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await runInnervisor(['plan', 'nowhere'], { configPath: CONFIG, env, terminal: true });
  return stdout;
}

test('at a terminal there is colour, and none where NO_COLOR is set', async () => {
  expect(await said({})).toContain('\u001B[31merror:\u001B[39m no region');
  expect(await said({ NO_COLOR: '1' })).toBe(PLAIN);
});
