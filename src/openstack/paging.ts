import { z } from 'zod';

import { OpenStackError } from './error.ts';
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

/** How often a listing is begun anew when what a page ended with is deleted before the next one is asked for. */
const BEGINNINGS_MAX = 4;

/**
 * Gives all items of a listing, following its pages; a page that fails fails the listing. Items of the same id are
 * given once. Of a link to the next page only the query is used, so that a token never goes where a page says.
 * @throws OpenStackError `malformedResponse` for a link elsewhere, for pages that repeat, and beyond the limits;
 * `conflict` when servers are deleted faster than they can be listed.
 */
export async function listPages<Item extends { readonly id: string | number }>(
  service: ServiceClient,
  listing: Listing,
  itemSchema: z.ZodType<Item>,
  signal?: AbortSignal,
  limits: ListingLimits = LISTING_LIMITS,
): Promise<readonly Item[]> {
  for (let beginning = 1; ; beginning += 1) {
    try {
      return await listOnce(service, listing, itemSchema, signal, limits);
    } catch (error) {
      if (!(error instanceof LostMarker)) throw error;
      if (beginning < BEGINNINGS_MAX) continue;
      const { service: type, effect, message, status, requestId } = error.refusal;
      throw new OpenStackError({ code: 'conflict', service: type, effect, message, status, requestId });
    }
  }
}

/**
 * The next page was refused, though the service itself had made the link to it: Nova no longer knows the server that
 * the page before ended with. See `get_marker_record` in
 * https://opendev.org/openstack/nova/src/tag/26.2.2/nova/compute/instance_list.py
 */
class LostMarker extends Error {
  override readonly name = 'LostMarker';
  readonly refusal: OpenStackError;

  constructor(refusal: OpenStackError) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

async function sendForPage(
  service: ServiceClient,
  call: ServiceCall,
  isFirst: boolean,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  try {
    return await service.send(call, signal);
  } catch (error) {
    const isLost = !isFirst && error instanceof OpenStackError && error.code === 'badRequest';
    throw isLost ? new LostMarker(error) : error;
  }
}

async function listOnce<Item extends { readonly id: string | number }>(
  service: ServiceClient,
  listing: Listing,
  itemSchema: z.ZodType<Item>,
  signal: AbortSignal | undefined,
  limits: ListingLimits,
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
    const reply: Reply = await sendForPage(service, call as ServiceCall, asked.size === 1, signal);
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
