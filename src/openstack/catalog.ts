import { z } from 'zod';

import { resolveEndpoint } from './endpoint.ts';
import { OpenStackError, type OpenStackService } from './error.ts';

/** The catalog in a token; entries of services that we don't know are kept out of the way, not refused. */
export const catalogSchema = z.array(
  z.object({
    type: z.string(),
    endpoints: z.array(
      z.object({
        interface: z.string(),
        url: z.string(),
        region_id: z.string().nullish(),
        region: z.string().nullish(),
      }),
    ),
  }),
);

/** See {@link catalogSchema}. */
export type Catalog = z.output<typeof catalogSchema>;

/** Which endpoints to choose; without `regionName` the catalog must have one region only. */
export interface EndpointChoice {
  readonly regionName?: string | undefined;
  readonly interface: string;
}

/**
 * Finds a service's endpoint. Compute, image and network have no other names among the service types.
 * @see https://service-types.openstack.org/service-types.json
 * @throws OpenStackError `misconfigured`, listing what the catalog has instead.
 */
export function selectEndpoint(catalog: Catalog, service: OpenStackService, choice: EndpointChoice): URL {
  const regionName = choice.regionName ?? onlyRegion(catalog, service);
  const ofType = catalog.filter(({ type }) => type === service).flatMap(({ endpoints }) => endpoints);
  if (ofType.length === 0) {
    const types = listWords(catalog.map(({ type }) => type));
    throw misconfigured(service, `the catalog has no service of type ${service}, only ${types}`);
  }
  const inRegion = ofType.filter((endpoint) => regionOf(endpoint) === regionName);
  if (inRegion.length === 0) {
    const regions = listWords(ofType.map(regionOf));
    throw misconfigured(
      service,
      `the catalog has no ${service} service in region ${regionName}, only in ${regions}; check the region's name`,
    );
  }
  const found = inRegion.find((endpoint) => endpoint.interface === choice.interface);
  if (found === undefined) {
    const interfaces = listWords(inRegion.map((endpoint) => endpoint.interface));
    throw misconfigured(
      service,
      `the ${service} service in region ${regionName} has no ${choice.interface} endpoint, only ${interfaces}`,
    );
  }
  const endpoint = resolveEndpoint(service, found.url);
  if (endpoint === undefined) {
    throw misconfigured(
      service,
      `the catalog's ${choice.interface} endpoint of ${service} in region ${regionName} is not an http(s) URL`,
    );
  }
  return endpoint;
}

function onlyRegion(catalog: Catalog, service: OpenStackService): string {
  const regions = new Set(catalog.flatMap(({ endpoints }) => endpoints.map(regionOf)));
  const [region] = regions;
  if (region !== undefined && regions.size === 1) return region;
  throw misconfigured(
    service,
    regions.size === 0
      ? 'the catalog is empty; check that the credentials have a role in their project'
      : `the catalog has several regions (${listWords([...regions])}); name one of them`,
  );
}

function regionOf(endpoint: { region_id?: string | null | undefined; region?: string | null | undefined }) {
  return endpoint.region_id ?? endpoint.region ?? '';
}

function listWords(words: readonly string[]): string {
  return [...new Set(words)].toSorted().join(', ') || 'nothing';
}

function misconfigured(service: OpenStackService, message: string): OpenStackError {
  return new OpenStackError({
    code: 'misconfigured',
    service,
    effect: 'none',
    message: `cannot reach ${service}: ${message}`,
  });
}
