/** Leaves items out of the first list of a page, and the link to the next one: a lie with a 200. */
export function truncatePage(body: unknown, keep: number): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const entries = Object.entries(body as Record<string, unknown>);
  const list = entries.find(([, value]) => Array.isArray(value));
  if (list === undefined) return body;
  const [name, items] = list;
  const links = new Set([`${name}_links`, 'next']);
  return Object.fromEntries(
    entries
      .filter(([key]) => !links.has(key))
      .map(([key, value]) => [key, key === name ? (items as unknown[]).slice(0, keep) : value]),
  );
}
