import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProbes, type Probes } from '../../lab/openstack-real/probes.ts';
import { openLab, type Lab, type SeenServer } from './support/lab.ts';

const MINIMUM_HYPERVISORS = 5;

describe('the lab', () => {
  let lab: Lab;
  let probes: Probes;
  const alive = new Set<string>();

  beforeAll(async () => {
    lab = await openLab();
    probes = await startProbes({ peersUrl: null, isAlive: (address) => alive.has(address), pollMs: 1_000 });
  });

  afterAll(async () => {
    await probes.stop();
  });

  test('lists its hypervisors as up and enabled', async () => {
    const hypervisors = await lab.listHypervisors();
    expect(hypervisors.length).toBeGreaterThanOrEqual(MINIMUM_HYPERVISORS);
    expect(hypervisors).toContainEqual(
      expect.objectContaining({ name: 'cmp001.lab.example', host: 'cmp001', state: 'up', status: 'enabled' }),
    );
  });

  test('builds a server on the named host, whose address answers as a probe does', async () => {
    const mark = await lab.mark();
    const { id } = await lab.createServer({
      name: 'by-hand',
      host: 'cmp001',
      tags: ['lab'],
      metadata: { a: 'b' },
    });
    const server = await ended(id);
    expect(server).toMatchObject({
      status: 'ACTIVE',
      hypervisor: 'cmp001.lab.example',
      tags: ['lab'],
      metadata: { a: 'b' },
    });

    const url = `http://${server.addresses[0] ?? ''}:9100/metrics`;
    await expect(fetch(url)).rejects.toThrow();
    alive.add(server.addresses[0] ?? '');
    expect(await (await fetch(url)).text()).toContain('node_cpu_seconds_total{cpu="0",mode="steal"}');

    // The observer's own requests to Nova are left out; Neutron's list has everyone's.
    const requests = await lab.requestsSince(mark);
    expect(requests.filter(({ service }) => service === 'nova')).toEqual([]);
    expect(requests).toContainEqual(
      expect.objectContaining({ service: 'neutron', method: 'POST', path: '/v2.0/ports', status: 201 }),
    );

    await lab.deleteServer(id);
    await expect.poll(() => lab.getServer(id), { timeout: 60_000, interval: 500 }).toBeUndefined();
  });

  test('counts each request of anyone else once', async () => {
    const mark = await lab.mark();
    const before = Date.now();
    await fetch('http://127.0.0.1:18774/v2.1/servers?name=x', {
      method: 'POST',
      headers: { 'user-agent': 'other' },
    });
    const [request, ...more] = (await lab.requestsSince(mark)).filter(({ service }) => service === 'nova');
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v2.1/servers?name=x',
      status: 401,
      agent: 'other',
    });
    expect(request?.timeMs).toBeGreaterThanOrEqual(before);
    expect(request?.timeMs).toBeLessThanOrEqual(Date.now());
    expect(more).toEqual([]);
  });

  test('shows a killed compute as down, and as up once it is revived', async () => {
    const [host = ''] = (await lab.listHypervisors()).map((hypervisor) => hypervisor.host).toSorted();
    const state = async (): Promise<string | undefined> =>
      (await lab.listHypervisors()).find((hypervisor) => hypervisor.host === host)?.state;

    await lab.killCompute(host);
    await expect.poll(state, { timeout: 120_000, interval: 500 }).toBe('down');

    await lab.reviveCompute(host);
    expect(await state()).toBe('up');
  });

  /** The server once it is no longer being built. */
  async function ended(id: string): Promise<SeenServer> {
    await expect
      .poll(async () => (await lab.getServer(id))?.status, { timeout: 60_000, interval: 500 })
      .not.toBe('BUILD');
    const server = await lab.getServer(id);
    if (server === undefined) throw new Error('the server is gone');
    return server;
  }
});
