import { afterEach, beforeEach, expect, test } from 'vitest';

import { json, startCloud, type Answer, type Cloud } from './cloud.ts';
import { expectOpenStackError } from './expect-error.ts';

const HYPERVISORS = '/v2.1/os-hypervisors/detail';
const IMAGES = '/v2/images';
let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

const image = (id: string) => ({ id, name: 'probe', status: 'active', created_at: '2026-11-24T00:00:00Z' });
const page = (ids: readonly string[], next?: string): Answer => json(200, { images: ids.map(image), next });

test('all pages of Nova are read', async () => {
  cloud.on(
    'GET',
    HYPERVISORS,
    'os-hypervisors-detail-page1',
    'os-hypervisors-detail-page2',
    'os-hypervisors-detail-lastpage',
  );

  const hypervisors = await cloud.client().compute.listHypervisors();

  expect(hypervisors).toHaveLength(5);
  expect(cloud.requests.slice(-2).map(({ query }) => query)).toEqual([
    'limit=2&marker=ba8e9418-a8d8-47a1-abd7-bdb712dbb1d3',
    'limit=2&marker=bf959425-1b23-43a9-ab95-ab104db2c5a9',
  ]);
});

test('the links of Neutron are followed forwards only', async () => {
  cloud.on('GET', '/v2.0/ports', 'ports-list-paged', 'ports-by-device');

  const ports = await cloud.client().network.listPorts({ deviceId: 'x' });

  expect(ports).toHaveLength(2);
  expect(cloud.requests.at(-1)?.query).toBe('limit=1&marker=5fd47f96-06f4-4827-bc19-38bfd7dc96e1');
});

test('the relative links of Glance are followed', async () => {
  cloud.on('GET', IMAGES, page(['a', 'b'], '/v2/images?name=probe&marker=b'), page(['c']));

  const images = await cloud.client().image.listImages({ name: 'probe' });

  expect(images.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
});

test('a page that fails fails the whole listing', async () => {
  cloud.on('GET', HYPERVISORS, 'os-hypervisors-detail-page1', json(503, 'busy'));

  const error = await expectOpenStackError(cloud.client().compute.listHypervisors());

  expect(error.code).toBe('unavailable');
});

test('a listing begins anew when the item that a page ended with is deleted before the next page', async () => {
  cloud.on(
    'GET',
    HYPERVISORS,
    'os-hypervisors-detail-page1',
    'os-hypervisors-bad-marker-400',
    'os-hypervisors-detail-page1',
    'os-hypervisors-detail-lastpage',
  );

  expect(await cloud.client().compute.listHypervisors()).toHaveLength(3);
});

test('a listing whose pages are lost again and again fails as one that may be tried again', async () => {
  const lost = ['os-hypervisors-detail-page1', 'os-hypervisors-bad-marker-400'];
  cloud.on('GET', HYPERVISORS, ...lost, ...lost, ...lost, ...lost);

  const error = await expectOpenStackError(cloud.client().compute.listHypervisors());

  expect(error).toMatchObject({ code: 'conflict', status: 400 });
});

test('a first page that is refused is a request that stays wrong', async () => {
  cloud.on('GET', HYPERVISORS, 'os-hypervisors-bad-marker-400');

  const error = await expectOpenStackError(cloud.client().compute.listHypervisors());

  expect(error).toMatchObject({ code: 'badRequest', status: 400 });
});

test('a link to another server is refused, and that server is never asked', async () => {
  const other = await startCloud();
  cloud.on('GET', IMAGES, page(['a'], `${other.origin}/v2/images?marker=a`));

  const error = await expectOpenStackError(cloud.client().image.listImages({ name: 'probe' }));

  expect(error.code).toBe('malformedResponse');
  expect(error.message).toContain('leads to another server');
  expect(other.requests).toEqual([]);
  await other.close();
});

test.each([
  ['another listing', page(['a'], '/v2/members?marker=a'), 'leads to another listing'],
  ['the same page', page(['a'], '/v2/images?name=probe'), 'run in a circle'],
  ['//host', page(['a'], '//192.0.2.1/v2/images?marker=a'), 'leads to another server'],
  ['no URL', page(['a'], 'http://'), 'leads to another server'],
])('a link to %s is refused', async (_where, answer, why) => {
  cloud.on('GET', IMAGES, answer);

  const error = await expectOpenStackError(cloud.client().image.listImages({ name: 'probe' }));

  expect(error.message).toContain(why);
});

test('a page that comes again under another marker is refused', async () => {
  cloud.on('GET', IMAGES, page(['a'], '/v2/images?marker=a'), page(['a'], '/v2/images?marker=b'));

  const error = await expectOpenStackError(cloud.client().image.listImages({ name: 'probe' }));

  expect(error.message).toContain('repeats a page');
});
