import { z } from 'zod';

import type { ServiceCall, ServiceClient } from './service-client.ts';
import type { Reply } from './reply.ts';

/** A listing: where it starts and under which name its items stand in the answer. */
export interface Listing extends Pick<ServiceCall, 'purpose' | 'route' | 'microversion'> {
  readonly query?: Readonly<Record<string, string>>;
  readonly collection: string;
}

/** How long a listing may get before it is taken for endless. */
export interface ListingLimits {
  readonly pagesMax: number;
  readonly itemsMax: number;
}

/** Far above any region: 250 hypervisors are 50 pages even of a cloud that gives 5 items a page. */
export const LISTING_LIMITS: ListingLimits = { pagesMax: 1_000, itemsMax: 100_000 };

const linksSchema = z.array(z.object({ rel: z.string(), href: z.string() }));

/**
 * Gives all items of a listing, following its pages; a page that fails fails the listing. Items of the same id are
 * given once. Of a link to the next page only the query is used, so that a token never goes where a page says.
 * @throws OpenStackError `malformedResponse` for a link elsewhere, for pages that repeat, and beyond the limits.
 */
export async function listPages<Item extends { readonly id: string | number }>(
  service: ServiceClient,
  listing: Listing,
  itemSchema: z.ZodType<Item>,
  signal?: AbortSignal,
  limits: ListingLimits = LISTING_LIMITS,
): Promise<readonly Item[]> {
  const { purpose, route, collection, microversion } = listing;
  const pageSchema = createPageSchema(collection, itemSchema);
  const items = new Map<Item['id'], Item>();
  const asked = new Set<string>();
  let query: URLSearchParams | undefined = new URLSearchParams(listing.query);
  while (query !== undefined) {
    asked.add(query.toString());
    const call = {
      purpose,
      method: 'GET',
      route,
      query,
      ...(microversion === undefined ? {} : { microversion }),
    };
    const reply: Reply = await service.send(call as ServiceCall, signal);
    const page = reply.parse(pageSchema);
    const known = items.size;
    for (const item of page.items) if (!items.has(item.id)) items.set(item.id, item);
    if (page.items.length > 0 && items.size === known) throw reply.malformed('it repeats a page');
    query = page.next === undefined ? undefined : nextQuery(reply, page.next);
    if (query === undefined) break;
    if (asked.has(query.toString())) throw reply.malformed('its pages run in a circle');
    if (asked.size >= limits.pagesMax) throw reply.malformed(`it has more than ${limits.pagesMax} pages`);
    if (items.size > limits.itemsMax) throw reply.malformed(`it has more than ${limits.itemsMax} items`);
  }
  return [...items.values()];
}

/** Nova and Neutron put the link into `<collection>_links`, Glance into `next`. */
function createPageSchema<Item>(collection: string, itemSchema: z.ZodType<Item>) {
  return z
    .object({
      [collection]: z.array(itemSchema),
      [`${collection}_links`]: linksSchema.optional(),
      next: z.string().optional(),
    })
    .transform((page) => ({
      items: page[collection] as Item[],
      next:
        (page[`${collection}_links`] as z.output<typeof linksSchema> | undefined)?.find(
          ({ rel }) => rel === 'next',
        )?.href ?? (page['next'] as string | undefined),
    }));
}

/**
 * A service behind a TLS terminator often writes links with `http:` and its inner port, and one behind a prefix
 * leaves the prefix out: both are still the same listing.
 */
function nextQuery(reply: Reply, link: string): URLSearchParams {
  const url = URL.parse(link, reply.url.href);
  const sameOrigin =
    url !== null &&
    (url.origin === reply.url.origin ||
      (reply.url.protocol === 'https:' && url.protocol === 'http:' && url.hostname === reply.url.hostname));
  if (!sameOrigin) throw reply.malformed('its link to the next page leads to another server');
  if (url.pathname.split('/').at(-1) !== reply.url.pathname.split('/').at(-1)) {
    throw reply.malformed('its link to the next page leads to another listing');
  }
  return url.searchParams;
}
