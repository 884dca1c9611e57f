import type { Answer, Call } from '../http/call.ts';
import { nextQuery } from '../http/page.ts';

/** An error as Neutron writes it. */
export function neutronError(status: number, type: string, message: string): Answer {
  return { status, body: { NeutronError: { type, message, detail: '' } } };
}

/** Query parameters of listings that every collection has. */
export const PAGE_QUERY = ['limit', 'marker'] as const;

/** A page of a listing, with links to the next and the previous one when it is full. */
export function listAnswer<Item>(
  call: Call,
  collection: string,
  url: string,
  items: readonly Item[],
  { idOf, render }: { readonly idOf: (item: Item) => string; readonly render: (item: Item) => object },
): Answer {
  const limit = Number(call.query.get('limit') ?? 0);
  const marker = call.query.get('marker');
  const from = marker === null ? 0 : items.findIndex((item) => idOf(item) === marker) + 1;
  const page = limit > 0 ? items.slice(from, from + limit) : items.slice(from);
  const [first, last] = [page[0], page.at(-1)];
  const links = [];
  if (limit > 0 && last !== undefined && page.length === limit) {
    links.push({ rel: 'next', href: `${url}?${nextQuery(call.query, idOf(last))}` });
  }
  if (limit > 0 && first !== undefined) {
    links.push({ rel: 'previous', href: `${url}?${nextQuery(call.query, idOf(first))}&page_reverse=True` });
  }
  const more = links.length === 0 ? {} : { [`${collection}_links`]: links };
  return { status: 200, body: { [collection]: page.map(render), ...more } };
}
