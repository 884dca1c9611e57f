import { expect, test } from 'vitest';

import { serverSchema } from '../../../src/openstack/compute/server.ts';

test('a server in a cell that does not answer is known by its id only', () => {
  const wire = { id: 'a', status: 'UNKNOWN', created: '2026-11-24T00:00:00Z', tenant_id: 'p', links: [] };

  const server = serverSchema.parse(wire);

  expect(server).toMatchObject({
    id: 'a',
    status: 'UNKNOWN',
    name: '',
    metadata: {},
    tags: [],
    addresses: [],
    host: null,
  });
});

test('any other server must be complete', () => {
  const wire = { id: 'a', status: 'ACTIVE', created: '2026-11-24T00:00:00Z' };

  expect(serverSchema.safeParse(wire).success).toBe(false);
});

test('a server that was booted from a volume has no image', () => {
  const wire = {
    id: 'a',
    name: 'a',
    status: 'ACTIVE',
    created: '2026-11-24T00:00:00Z',
    metadata: {},
    tags: [],
    addresses: { v6: [{ addr: '2001:db8::1', version: 6 }] },
    image: '',
  };

  const server = serverSchema.parse(wire);

  expect(server.imageId).toBeNull();
  expect(server.addresses).toEqual([{ network: 'v6', address: '2001:db8::1', version: 6, type: 'fixed' }]);
});
