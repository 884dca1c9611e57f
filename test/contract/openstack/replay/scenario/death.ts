import { z } from 'zod';
import type { Replayer } from '../replayer.ts';
import { readRecording } from '../../recordings.ts';

/** The server that stands on the host that dies. */
const RECORDED_SERVER = 'ac37b1da-2df5-42a9-9bcd-c381d951c50b';
const USER_DATA = 'I2Nsb3VkLWNvbmZpZwo=';
const created = z.object({ server: z.object({ id: z.string() }) });

/** A server is built on a host, which then dies; Nova takes a while to see it. */
export async function killHostWithServer(replayer: Replayer): Promise<void> {
  const { cloud, names } = replayer;
  const request = readRecording('server-create-2.74-host-202').request;
  const host = names.host('cmp029');
  const wanted = names.body(request.body) as { readonly server: object };
  const server = {
    ...wanted.server,
    name: `probe-${host}`,
    host,
    tags: ['batch', 'prober'],
    metadata: { 'prober.host': host },
    user_data: USER_DATA,
  };
  const answer = await replayer.call('POST', names.text(request.url), { server }, 'prober');
  names.bind(RECORDED_SERVER, created.parse(answer.body).server.id);
  await replayer.awaitStatus(RECORDED_SERVER, 'ACTIVE');
  await cloud.killCompute(host);
}

/** What is seen of the dead host and its server, and what becomes of servers that are meant for it. */
export async function replayDeath(replayer: Replayer): Promise<void> {
  await replayer.awaitState('os-hypervisors-show-down');
  await replayer.replayAll([
    'os-hypervisors-with-down',
    'os-hypervisors-uptime-down',
    'os-services-with-down',
    'server-show-ACTIVE-host-down',
    'server-reboot-host-down',
  ]);
  await replayer.awaitState('server-show-rebooting-host-down');
  await replayer.replay('server-stop-while-rebooting-409');
  await replayStuck(replayer);

  await replayer.replay('server-delete-host-down');
  await replayer.awaitState('server-show-after-delete-host-down');
  await replayer.replayAll(['ports-after-delete-host-down', 'placement-allocations-after-delete-host-down']);
}

/** Forced on the dead host a server is stuck, requested there it fails at once; both can be deleted. */
async function replayStuck(replayer: Replayer): Promise<void> {
  await replayer.replayAll([
    'server-create-on-down-host-az',
    'server-create-on-down-host-host74',
    'server-create-on-just-died-host-az',
    'server-create-on-just-died-host-host74',
  ]);
  await replayer.awaitState('server-show-on-down-host-host74');
  await replayer.awaitState('server-show-on-died-host-host74');
  await replayer.awaitState('server-show-on-down-host-az');
  await replayer.awaitState('server-show-on-died-host-az');
  bindStuck(replayer);
  for (const stuck of ['dn-az', 'dn-host74', 'jd-az', 'jd-host74']) {
    await replayer.replay(`server-delete-stuck-${stuck}`);
    await replayer.awaitState(`server-show-after-delete-stuck-${stuck}`);
  }
}

/** The recordings of deleting the servers of `just-died` name others than those that were shown. */
function bindStuck({ names }: Replayer): void {
  names.bind('89744683-7f7e-44e6-ac16-a3a32d30b49f', names.id('33efa6f0-f731-4332-ba27-eb4fbd48e4a2'));
  names.bind('6abfb7de-c127-43f2-aca9-792bc357c8ca', names.id('b5a77e34-ec8d-4eef-8b58-d29949920ae1'));
}
