import { expect, test } from 'vitest';
import { z } from 'zod';

import { listPages } from '../../../src/openstack/paging.ts';
import type { ServiceClient } from '../../../src/openstack/service-client.ts';

const itemSchema = z.object({ id: z.number() });

/** A service whose pages are made by a function of the marker, and whose endpoint is at `url`. */
function aService(url: string, render: (marker: number) => object): ServiceClient {
  return {
    getProjectId: () => Promise.reject(new Error('no listing needs it')),
    send: (call) =>
      Promise.resolve({
        url: new URL(url),
        header: () => undefined,
        parse: (schema) => schema.parse(render(Number((call.query as URLSearchParams).get('marker') ?? 0))),
        malformed: (why) => new Error(why) as never,
      }),
  };
}

const LISTING = { purpose: 'list things', route: '/things', collection: 'things' };
const next = (href: string) => [{ rel: 'next', href }];
const endless = aService('http://cloud/things', (marker) => ({
  things: [{ id: marker }],
  things_links: next(`http://cloud/things?marker=${marker + 1}`),
}));

test.each([
  ['pages', { pagesMax: 10, itemsMax: 1_000 }, 'more than 10 pages'],
  ['items', { pagesMax: 1_000, itemsMax: 10 }, 'more than 10 items'],
])('a listing without end stops at the limit of %s', async (_limit, limits, why) => {
  await expect(listPages(endless, LISTING, itemSchema, undefined, limits)).rejects.toThrow(why);
});

test('an item that moves to the next page while we read is given once', async () => {
  const service = aService('http://cloud/things', (marker) =>
    marker === 0
      ? { things: [{ id: 1 }, { id: 2 }], things_links: next('http://cloud/things?marker=2') }
      : { things: [{ id: 2 }, { id: 3 }] },
  );

  expect(await listPages(service, LISTING, itemSchema)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
});

test.each([
  ['https://cloud/compute/things', 'http://cloud:8774/things?marker=1', true],
  ['https://cloud/compute/things', 'https://cloud/things?marker=1', true],
  ['https://cloud/things', 'http://elsewhere/things?marker=1', false],
  ['https://cloud/things', 'https://cloud:8774/things?marker=1', false],
  ['http://cloud/things', 'https://cloud/things?marker=1', false],
])('of a listing at %s the link %s is followed: %s', async (url, link, followed) => {
  const service = aService(url, (marker) =>
    marker === 0 ? { things: [{ id: 1 }], things_links: next(link) } : { things: [{ id: 2 }] },
  );

  const outcome = await listPages(service, LISTING, itemSchema).then(
    (items) => items.length === 2,
    () => false,
  );

  expect(outcome).toBe(followed);
});
