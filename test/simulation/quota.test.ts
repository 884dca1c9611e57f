import { expect, test } from 'vitest';
import { at, aServer, startManual } from './support/sim.ts';

test('Nova refuses with 403 what is over its own quota or over that of ports', async () => {
  const { sim, prober } = await startManual();
  const projects = await prober('GET', `${sim.origins.keystone}/v3/projects?name=probes`);
  const project = at(projects, 'projects', 0, 'id') as string;
  const body = await aServer(sim, prober, { host: 'cmp001' });

  await prober('PUT', `/os-quota-sets/${project}`, { quota_set: { instances: 0 } });
  const instances = await prober('POST', '/servers', body);
  await prober('PUT', `/os-quota-sets/${project}`, { quota_set: { instances: -1, force: true } });
  await prober('PUT', `${sim.origins.neutron}/v2.0/quotas/${project}`, { quota: { port: 0 } });
  const ports = await prober('POST', '/servers', body);

  expect([instances.status, ports.status]).toEqual([403, 403]);
  expect(at(instances, 'forbidden', 'message')).toBe(
    'Quota exceeded for instances: Requested 1, but already used 0 of 0 instances',
  );
  expect(at(ports, 'forbidden', 'message')).toBe('Maximum number of ports exceeded');
  await sim.stop();
});
