/** One page of a listing. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The marker of the next page; `undefined` when there is none. */
  readonly next: string | undefined;
}

/**
 * Cuts a page. A link to the next one is given when the page is full, as Nova does, even if nothing follows.
 *
 * @returns `undefined` when there is no such marker.
 */
export function cutPage<Item>(
  items: readonly Item[],
  markerOf: (item: Item) => string,
  { marker, limit }: { readonly marker: string | null; readonly limit: number },
): Page<Item> | undefined {
  let from = 0;
  if (marker !== null) {
    const index = items.findIndex((item) => markerOf(item) === marker);
    if (index < 0) return undefined;
    from = index + 1;
  }
  const page = items.slice(from, from + limit);
  const last = page.at(-1);
  return { items: page, next: last !== undefined && page.length === limit ? markerOf(last) : undefined };
}

/** The query of Nova's next page: the present one sorted by name, with another marker at its end. */
export function nextSortedQuery(query: URLSearchParams, marker: string): string {
  const sorted = new URLSearchParams(query);
  sorted.sort();
  return nextQuery(sorted, marker);
}

/** The query of the next page: the present one, with another marker at its end. */
export function nextQuery(query: URLSearchParams, marker: string): string {
  const next = new URLSearchParams(query);
  next.delete('marker');
  next.append('marker', marker);
  return next.toString();
}
