import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTemporal, type TemporalServer } from '../../../lab/servers/temporal.ts';
import { startInnervisor } from '../../support/innervisor.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'fixtures', 'config', 'minimal.yaml');

let server: TemporalServer;

beforeAll(async () => {
  server = await startTemporal();
});
afterAll(async () => server.stop());

test('without a worker it says what is waited for, and Ctrl-C still says how to come back', async () => {
  const place = { configPath: CONFIG, env: { TEMPORAL_ADDRESS: server.address } };
  const command = startInnervisor(['plan', 'one', 'two'], place);
  await command.says(
    'one no worker asks for work on task queue innervisor; start one: innervisor worker --task-queue innervisor',
  );
  await command.says('two no worker asks for work on task queue innervisor; start one');

  command.interrupt();

  expect(await command.ended).toBe(130);
  expect(command.stderr()).toContain('Come back: innervisor status one --follow');
  expect(command.stderr()).toContain('Come back: innervisor status two --follow');
});
