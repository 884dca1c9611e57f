import { hostname } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTemporal, type TemporalServer } from '../../../lab/servers/temporal.ts';
import { memoKeys } from '../../../src/workflows/contract.ts';
import { startInnervisor } from '../../support/innervisor.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'fixtures', 'config', 'minimal.yaml');
const UNNAMED_UID = 12_345;

let server: TemporalServer;

beforeAll(async () => {
  server = await startTemporal();
});
afterAll(async () => server.stop());

/** Starts a pass as a user who is in no passwd file; who the pass says has started it. */
async function startedBy(env: Readonly<Record<string, string>>): Promise<unknown> {
  const place = {
    configPath: CONFIG,
    env: { TEMPORAL_ADDRESS: server.address, HOME: '/', USER: '', LOGNAME: '', ...env },
    uid: UNNAMED_UID,
  };
  const command = startInnervisor(['reconcile', 'one', '--detach', '--output', 'json'], place);
  expect({ code: await command.ended, stderr: command.stderr() }).toEqual({ code: 0, stderr: '' });
  const { workflowId } = JSON.parse(command.stdout()) as { readonly workflowId: string };
  const connection = await Connection.connect({ address: server.address });
  try {
    const { memo } = await new Client({ connection }).workflow.getHandle(workflowId).describe();
    return memo?.[memoKeys.startedBy];
  } finally {
    await connection.close();
  }
}

test('who is in no passwd file is called by $USER or $LOGNAME, else by the uid', async ({ skip }) => {
  skip(process.getuid?.() !== 0, 'only root may run a command as another user');

  expect(await startedBy({ USER: 'ann', LOGNAME: 'eve' })).toBe(`ann@${hostname()}`);
  expect(await startedBy({ LOGNAME: 'eve' })).toBe(`eve@${hostname()}`);
  expect(await startedBy({})).toBe(`uid ${UNNAMED_UID}@${hostname()}`);
});
