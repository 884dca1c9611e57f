import { expect, test } from 'vitest';

import { selectEndpoint, type Catalog } from '../../../src/openstack/catalog.ts';
import { resolveEndpoint, resolveVersionDocument } from '../../../src/openstack/endpoint.ts';

test.each([
  ['compute', 'http://cloud:8774', 'http://cloud:8774/v2.1'],
  ['compute', 'http://cloud:8774/', 'http://cloud:8774/v2.1'],
  ['compute', 'http://cloud:8774/v2.1', 'http://cloud:8774/v2.1'],
  ['compute', 'http://cloud:8774/v2.1/', 'http://cloud:8774/v2.1'],
  ['compute', 'http://cloud:8774/v2', 'http://cloud:8774/v2.1'],
  ['compute', 'https://cloud/compute/v2.1/3a92a4e6', 'https://cloud/compute/v2.1/3a92a4e6'],
  ['compute', 'https://cloud/compute', 'https://cloud/compute/v2.1'],
  ['network', 'http://cloud:9696', 'http://cloud:9696/v2.0'],
  ['network', 'http://cloud:9696/v2.0/', 'http://cloud:9696/v2.0'],
  ['image', 'https://cloud/image', 'https://cloud/image/v2'],
  ['image', 'https://cloud/image/v2/', 'https://cloud/image/v2'],
  ['identity', 'http://cloud:5000', 'http://cloud:5000/v3'],
  ['identity', 'http://cloud/identity/v3/', 'http://cloud/identity/v3'],
  ['identity', 'http://user:word@cloud/v3?x#y', 'http://cloud/v3'],
] as const)('the endpoint of %s at %s is %s', (service, address, expected) => {
  expect(resolveEndpoint(service, address)?.href).toBe(expected);
});

test.each(['', 'cloud:8774', 'ftp://cloud/', 'file:///etc/passwd'])('%j is no endpoint', (address) => {
  expect(resolveEndpoint('compute', address)).toBeUndefined();
});

test.each([
  ['http://cloud:8774/v2.1', 'http://cloud:8774/v2.1/'],
  ['https://cloud/compute/v2.1/3a92a4e6', 'https://cloud/compute/v2.1/'],
])('the version document of %s is at %s', (endpoint, expected) => {
  expect(resolveVersionDocument(new URL(endpoint)).href).toBe(expected);
});

const endpoint = (region: string | null, type: string, url: string) => ({
  interface: type,
  region_id: region,
  region,
  url,
});
const CATALOG: Catalog = [
  { type: 'volumev3', endpoints: [endpoint('north', 'public', 'http://volume')] },
  {
    type: 'compute',
    endpoints: [
      endpoint('north', 'public', 'http://north-public'),
      endpoint('north', 'internal', 'http://north-internal'),
      endpoint('south', 'public', 'http://south-public'),
      endpoint('broken', 'public', 'nonsense'),
    ],
  },
];

test('an endpoint is chosen by type, region and interface', () => {
  const choice = { regionName: 'north', interface: 'internal' };

  expect(selectEndpoint(CATALOG, 'compute', choice).href).toBe('http://north-internal/v2.1');
});

test('without a region the only one is taken', () => {
  const only = CATALOG.slice(0, 1).map((entry) => ({ ...entry, type: 'compute' }));

  expect(selectEndpoint(only, 'compute', { interface: 'public' }).host).toBe('volume');
});

test.each([
  ['several regions', {}, 'several regions (broken, north, south); name one of them'],
  ['an unknown region', { regionName: 'west' }, 'in region west, only in broken, north, south'],
  ['an unknown interface', { regionName: 'south', interface: 'admin' }, 'no admin endpoint, only public'],
  ['a broken endpoint', { regionName: 'broken' }, 'is not an http(s) URL'],
])('%s are explained', (_case, choice, expected) => {
  const select = () => selectEndpoint(CATALOG, 'compute', { interface: 'public', ...choice });

  expect(select).toThrow(
    expect.objectContaining({ code: 'misconfigured', message: expect.stringContaining(expected) as string }),
  );
});

test('a missing service and an empty catalog are explained', () => {
  const choice = { regionName: 'north', interface: 'public' };

  expect(() => selectEndpoint(CATALOG, 'image', choice)).toThrow(
    'no service of type image, only compute, volumev3',
  );
  expect(() => selectEndpoint([], 'image', { interface: 'public' })).toThrow('the catalog is empty');
});
