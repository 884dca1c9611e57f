import { z } from 'zod';
import type { Replayer } from './replayer.ts';

const ROUNDS_MAX = 300;
const servers = z.object({ servers: z.array(z.object({ id: z.string() })) });
const aggregates = z.object({
  aggregates: z.array(z.object({ id: z.number(), name: z.string(), hosts: z.array(z.string()) })),
});
const services = z.object({ services: z.array(z.object({ id: z.string() })) });

/** Leaves the cloud as it was found: hosts alive, enabled and well, no server and no aggregate of ours. */
export async function cleanUp(replayer: Replayer): Promise<void> {
  const { cloud } = replayer;
  const nova = `${cloud.origins.compute}/v2.1`;
  for (const host of cloud.hosts) await cloud.clearFault(host);
  const all = services.parse((await replayer.call('GET', `${nova}/os-services?binary=nova-compute`)).body);
  for (const { id } of all.services) {
    await replayer.call('PUT', `${nova}/os-services/${id}`, { status: 'enabled', forced_down: false });
  }
  await cloud.reviveCompute(replayer.names.host('cmp029'));
  await deleteServers(replayer, nova);
  await deleteAggregates(replayer, nova);
}

async function deleteServers(replayer: Replayer, nova: string): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const answer = await replayer.call('GET', `${nova}/servers/detail?all_tenants=1&tags=prober`);
    const left = servers.parse(answer.body).servers;
    if (left.length === 0) return;
    for (const { id } of left) await replayer.call('DELETE', `${nova}/servers/${id}`);
    await replayer.cloud.passTime();
  }
  throw new Error('some servers could not be deleted');
}

async function deleteAggregates(replayer: Replayer, nova: string): Promise<void> {
  const { aggregates: all } = aggregates.parse((await replayer.call('GET', `${nova}/os-aggregates`)).body);
  for (const { id, hosts } of all.filter(({ name }) => name.startsWith('agg-az1-'))) {
    for (const host of hosts) {
      await replayer.call('POST', `${nova}/os-aggregates/${id}/action`, { remove_host: { host } });
    }
    await replayer.call('DELETE', `${nova}/os-aggregates/${id}`);
  }
}
