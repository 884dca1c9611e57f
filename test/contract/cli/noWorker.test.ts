import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTemporal, type TemporalServer } from '../../../lab/servers/temporal.ts';
import { names } from '../../../src/workflows/contract.ts';
import { startInnervisor, type CommandPlace } from '../../support/innervisor.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'fixtures', 'config', 'minimal.yaml');

let server: TemporalServer;
let connection: Connection;

/** A pass over region `one` is under way; no worker ever comes. */
beforeAll(async () => {
  server = await startTemporal();
  connection = await Connection.connect({ address: server.address });
  await new Client({ connection }).workflow.start(names.reconcileRegionPass, {
    taskQueue: 'innervisor',
    workflowId: names.passWorkflowId('one'),
  });
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

function place(): CommandPlace {
  return { configPath: CONFIG, env: { TEMPORAL_ADDRESS: server.address } };
}

test('without a worker it says what is waited for, and Ctrl-C still says how to come back', async () => {
  const command = startInnervisor(['plan', 'one', 'two'], place());
  await command.says(
    'one no worker asks for work on task queue innervisor; start one: innervisor worker --task-queue innervisor',
  );
  await command.says('two no worker asks for work on task queue innervisor; start one');

  command.interrupt();

  expect(await command.ended).toBe(130);
  expect(command.stderr()).toContain('Come back: innervisor status one --follow');
  expect(command.stderr()).toContain('Come back: innervisor status two --follow');
});

test.each(['approve', 'reject'])(
  '%s says that the pass cannot be asked, not that no plan waits',
  async (word) => {
    const command = startInnervisor([word, 'one', '--yes'], place());

    expect(await command.ended).toBe(1);
    expect(command.stderr()).toBe(
      "error: the pass over one can't be asked which plan waits: no worker answers\nhint: see that a worker runs, innervisor worker --task-queue innervisor, and run the command again\n",
    );
  },
);

test('cancel says what it waits for, and that no worker does it', async () => {
  const command = startInnervisor(['cancel', 'one'], place());
  await command.says('note: one: the pass has been asked to stop; the step that is under way ends first\n');
  await command.says('note: one: no worker asks for work on task queue innervisor; start one');

  command.interrupt();

  expect(await command.ended).toBe(130);
});

test.each([
  [['freeze', 'one', 'two', '--reason', 'x'], 'one two'],
  [['maintenance', 'begin', 'cmp001', '--region', 'two', '--until', '4h'], 'two'],
])('Ctrl-C while %j places its order says that the order goes on', async (args, regions) => {
  const command = startInnervisor(args, place());
  await command.says('two: no worker asks for work on task queue innervisor; start one');

  command.interrupt();

  expect(await command.ended).toBe(130);
  expect(command.stderr()).toMatch(
    new RegExp(`detached; what was ordered is carried out .*: innervisor status ${regions}\\n$`),
  );
});
