import { afterAll, beforeAll, expect, test } from 'vitest';

import { startServers, type Servers } from '../contract/steps/world.ts';
import { plan, startRegion, type Region } from './support/region.ts';

const HYPERVISORS = 10_000;
const PAGE = 1_000;
/** Nova links from a full page to the next one without knowing whether there is any, so the last one is empty. */
const PAGES = HYPERVISORS / PAGE + 1;
/** Token, version document, services, image, flavors, network, and the list of our own servers. */
const OTHER_CALLS = 7;
const RESULT_BYTES_MAX = 64 * 1_024;

let servers: Servers;
let region: Region;

beforeAll(async () => {
  servers = await startServers();
  region = await startRegion(servers, { hypervisors: HYPERVISORS, maxLimit: PAGE, zones: ['nova', 'az1'] });
});
afterAll(async () => {
  await region.close();
  await servers.stop();
});

test('10,000 hypervisors are planned with a call a page and results that fit into a history', async ({
  annotate,
}) => {
  const found = await plan(region.activities());

  const asked = region.sim.requests.since(0);
  const sizes = Object.values(found).map((result) => JSON.stringify(result).length);
  await annotate(`${asked.length} calls; results of ${sizes.join(', ')} bytes`);
  expect(found.listed).toMatchObject({ hypervisors: HYPERVISORS, probes: 0, unlisted: 0 });
  expect(found.selected.counts.selected).toBe(HYPERVISORS);
  expect(found.planned.counts).toMatchObject({ create: HYPERVISORS, replace: 0, delete: 0 });
  expect(asked.length).toBe(PAGES + OTHER_CALLS);
  expect(Math.max(...sizes)).toBeLessThan(RESULT_BYTES_MAX);
  expect(region.writes()).toEqual([]);
});
