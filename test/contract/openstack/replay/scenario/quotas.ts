import { z } from 'zod';
import type { Replayer } from '../replayer.ts';

const created = z.record(z.string(), z.object({ id: z.string(), tenant_id: z.string() }));
/** The recorded project and network of the user `plain`. */
const RECORDED_PROJECT = 'ca9c40b5da13439eb085070c33c9ea05';
const RECORDED_NETWORK = 'f855499d-a354-4be0-81be-e340300629c0';

/** Quotas of servers, ports and networks that are used up, in a project of its own. */
export async function replayQuotas(replayer: Replayer): Promise<void> {
  const { origins } = replayer.cloud;
  const networks = `${origins.network}/v2.0/networks`;
  const answer = await replayer.call('POST', networks, { network: { name: 'tn' } }, 'plain');
  const network = created.parse(answer.body)['network'];
  if (network === undefined) throw new Error('no network was made');
  const subnet = { network_id: network.id, ip_version: 4, cidr: '192.0.2.0/24', enable_dhcp: false };
  await replayer.call('POST', `${origins.network}/v2.0/subnets`, { subnet }, 'plain');
  replayer.names.bind(RECORDED_PROJECT, network.tenant_id);
  replayer.names.bind(RECORDED_NETWORK, network.id);
  try {
    await replayer.replayAll(['os-quota-sets-update', 'neutron-quota-update'], { as: 'admin' });
    await replayer.replay('server-create-403-quota', { as: 'plain' });
    const unlimited = { quota_set: { instances: -1, force: true } };
    await replayer.call('PUT', `${origins.compute}/v2.1/os-quota-sets/${network.tenant_id}`, unlimited);
    await replayer.replayAll(
      ['server-create-port-quota-403', 'port-create-409-quota', 'network-create-409-quota'],
      { as: 'plain' },
    );
  } finally {
    await replayer.call('DELETE', `${origins.compute}/v2.1/os-quota-sets/${network.tenant_id}`);
    await replayer.call('DELETE', `${origins.network}/v2.0/quotas/${network.tenant_id}`);
    await replayer.call('DELETE', `${networks}/${network.id}`, undefined, 'plain');
  }
}

/** Ports that are made by hand. */
export async function replayPorts(replayer: Replayer): Promise<void> {
  await replayer.replayAll([
    'ports-list',
    'ports-list-paged',
    'port-create',
    'port-create-bad-400',
    'port-create-ip-in-use-409',
    'port-tags-replace',
    'port-show',
    'ports-by-tag',
    'port-delete-204',
    'port-404',
  ]);
}

/** Placement, and groups of servers. */
export async function replayOthers(replayer: Replayer): Promise<void> {
  await replayer.replayAll([
    'placement-resource-providers',
    'placement-inventories',
    'placement-usages',
    'placement-rp-allocations',
    'placement-traits',
    'placement-allocation-candidates',
    'placement-rp-404',
    'server-group-create',
    'server-groups',
    'server-group-delete-204',
    'server-group-404',
  ]);
  await replayer.replay('placement-403-plain', { as: 'plain' });
}
