import type { OpenStackService } from './error.ts';

/** The API version that we speak, as it stands in paths. */
const PATH_VERSIONS = { identity: 'v3', compute: 'v2.1', image: 'v2', network: 'v2.0' } as const;

const VERSION_AND_PROJECT = /\/v\d+(?:\.\d+)?(\/[^/]+)?$/;

/**
 * Brings a URL from the catalog or the configuration into the form `…/<version>[/<project id>]`, without a slash at
 * its end. Endpoints are found with and without a version, with an older one, and with a project id after it.
 * Returns `undefined` for what is no http(s) URL.
 */
export function resolveEndpoint(service: OpenStackService, address: string): URL | undefined {
  const url = URL.parse(address);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined;
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  const path = url.pathname.replace(/\/+$/, '');
  const match = VERSION_AND_PROJECT.exec(path);
  url.pathname = `${match === null ? path : path.slice(0, match.index)}/${PATH_VERSIONS[service]}${match?.[1] ?? ''}`;
  return url;
}

/** The URL of the version document of an endpoint that {@link resolveEndpoint} gave. */
export function resolveVersionDocument(endpoint: URL): URL {
  const url = new URL(endpoint);
  url.pathname = url.pathname.replace(
    VERSION_AND_PROJECT,
    (found, project: string | undefined) => `${found.slice(0, found.length - (project?.length ?? 0))}/`,
  );
  return url;
}
