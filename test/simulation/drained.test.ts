import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { INPUT, run, startServers, type Servers } from '../contract/steps/world.ts';
import { eventually } from '../support/await.ts';
import { plan, populate, startRegion, type Region } from './support/region.ts';
import { at, signIn, type Ask } from './support/sim.ts';

const HOST = 'cmp002';

let servers: Servers;
let region: Region;
let admin: Ask;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  region = await startRegion(servers);
  await populate(region);
  admin = await signIn(region.sim, 'admin', 'admin');
});
afterEach(() => region.close());

async function drain(): Promise<void> {
  const services = await admin('GET', `/os-services?host=${HOST}`);
  const id = String(at(services, 'services', 0, 'id'));
  const disabled = await admin('PUT', `/os-services/${id}`, { status: 'disabled' });
  expect(disabled.status).toBe(200);
}

async function probe() {
  const [server] = await region.deps.openstack.compute.listServers({ host: HOST });
  if (server === undefined) throw new Error(`no server on ${HOST}`);
  return server;
}

async function act(action: object, status: string): Promise<void> {
  const { id } = await probe();
  expect((await admin('POST', `/servers/${id}/action`, action)).status).toBe(202);
  await eventually(async () => (await probe()).status === status, { describe: `the probe is ${status}` });
}

describe('a drained hypervisor', () => {
  test('whose probe is shut off is empty all the same, and loses it in the second pass', async () => {
    await act({ 'os-stop': null }, 'SHUTOFF');
    await drain();
    const steps = region.activities();

    const first = await plan(steps);
    await run(steps.markProbes, { ...INPUT, plan: first.planned.plan });
    const second = await plan(steps);

    expect(first.planned.counts).toMatchObject({ keep: 3, marks: 1, delete: 0 });
    expect(second.planned.counts).toMatchObject({ keep: 2, delete: 1 });
  });

  test('whose probe is in ERROR loses it at once, since Nova takes no mark for it', async () => {
    await act({ 'os-resetState': { state: 'error' } }, 'ERROR');
    await drain();
    const steps = region.activities();
    const { id } = await probe();

    const { planned } = await plan(steps);

    const mark = region.deps.openstack.compute.setServerMetadata(id, { innervisor_retire_since: 'now' });
    await expect(mark).rejects.toThrow(/Cannot 'update metadata' instance .* vm_state error/);
    expect(planned.counts).toMatchObject({ keep: 2, delete: 1, marks: 0 });
    expect(planned.changes).toMatchObject([{ action: 'delete', reason: 'disabled and drained' }]);
  });
});
