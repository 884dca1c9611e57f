import type { Random } from '../core/random.ts';
import type { ServiceName } from '../http/call.ts';

/** Where each service listens. */
export type Origins = Readonly<Record<ServiceName, string>>;

/** The region of all endpoints. */
export const REGION = 'RegionOne';

const SERVICES = [
  { name: 'nova', type: 'compute', path: '/v2.1' },
  { name: 'placement', type: 'placement', path: '' },
  { name: 'neutron', type: 'network', path: '' },
  { name: 'glance', type: 'image', path: '' },
  { name: 'keystone', type: 'identity', path: '/v3/' },
] as const;

/** The catalog that stands in each scoped token. */
export function createCatalog(origins: Origins, random: Random): unknown {
  return SERVICES.map(({ name, type, path }) => ({
    endpoints: ['admin', 'internal', 'public'].map((word) => ({
      id: random.hex(32),
      interface: word,
      region_id: REGION,
      url: `${origins[name]}${path}`,
      region: REGION,
    })),
    id: random.hex(32),
    type,
    name,
  }));
}
