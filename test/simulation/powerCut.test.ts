import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { startServers, type Servers } from '../contract/steps/world.ts';
import { plan, populate, startRegion, type Region } from './support/region.ts';

const HOSTS = ['cmp001', 'cmp002', 'cmp003', 'cmp004'];

let servers: Servers;
let region: Region;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  region = await startRegion(servers, { hypervisors: HOSTS.length });
  await populate(region);
});
afterEach(() => region.close());

/** After it the hypervisors are back, and Nova shows their servers SHUTOFF. */
function cutPower(hosts: readonly string[]): void {
  for (const host of hosts) {
    region.sim.powerOff(host);
    region.sim.reviveCompute(host);
  }
}

function planBreaking() {
  const policy = { ...region.deps.policy, replace: 'break-before-make' as const };
  return plan(region.activities({ policy }));
}

test('after a power cut no region is taken down that was to be replaced in place', async () => {
  cutPower(HOSTS);

  const { planned } = await planBreaking();

  expect(planned.counts).toMatchObject({ replace: 4, breaks: 4 });
  expect(planned.held).toEqual([
    'deletes 4 of 4 probes, 4 of them before their successors are made; limits.deletesMax allows 2',
  ]);
});

test('two hypervisors without power are repaired without a person', async () => {
  cutPower(HOSTS.slice(2));

  const { planned } = await planBreaking();

  expect(planned.counts).toMatchObject({ replace: 2, breaks: 2, keep: 2 });
  expect(planned.held).toEqual([]);
});

test('where new probes stand beside the old ones, all are repaired at once', async () => {
  cutPower(HOSTS);

  const { planned } = await plan(region.activities());

  expect(planned.counts).toMatchObject({ replace: 4, breaks: 0 });
  expect(planned.held).toEqual([]);
});
