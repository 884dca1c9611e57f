import { NotModelled, type Answer, type Call } from './call.ts';

/** One kind of call. */
export interface Route {
  readonly method: string;
  /** Path below the service's root, with its variable parts in braces. */
  readonly path: string;
  /** Query parameters that are modelled; any other is answered 501. Left out: none. `any`: the route sees to it. */
  readonly query?: readonly string[] | 'any';
  /** Whether it needs no token. */
  readonly open?: boolean;
  answer(call: Call): Answer | Promise<Answer>;
}

/** A route and what stands in its path's variable parts. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a request. */
export type Router = (method: string, path: string) => Match | undefined;

/** Makes a router; the first route that matches is taken. */
export function createRouter(routes: readonly Route[]): Router {
  const compiled = routes.map((route) => ({
    route,
    pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  }));
  return (method, path) => {
    for (const { route, pattern } of compiled) {
      if (route.method !== method) continue;
      const match = pattern.exec(path);
      if (match === null) continue;
      const entries = Object.entries(match.groups ?? {});
      return { route, params: Object.fromEntries(entries.map(([k, v]) => [k, decodeURIComponent(v)])) };
    }
    return undefined;
  };
}

/** @throws NotModelled for a query parameter that the route doesn't model. */
export function checkQuery(route: Route, query: URLSearchParams): void {
  if (route.query === 'any') return;
  for (const name of query.keys()) {
    if (!(route.query ?? []).includes(name)) throw new NotModelled(`query parameter ${name}`);
  }
}
