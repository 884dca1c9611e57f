import { z } from 'zod';
import type { Replayer } from '../replayer.ts';

const page = z.object({ hypervisors: z.array(z.object({ id: z.string() })) });
const created = z.object({ aggregate: z.object({ id: z.number() }) });
const RECORDED_AGGREGATE = '1';
/** The hypervisors that end the first page and come before the last one in the recordings. */
const RECORDED_END_OF_PAGE_1 = 'ba8e9418-a8d8-47a1-abd7-bdb712dbb1d3';
const RECORDED_BEFORE_LAST = 'bf959425-1b23-43a9-ab95-ab104db2c5a9';

/** What can be made use of: flavors, images, networks; and what can't be found. */
export async function replayCatalogue(replayer: Replayer): Promise<void> {
  await replayer.replayAll([
    'images-by-name',
    'images',
    'image-show',
    'image-404',
    'networks-by-name',
    'networks',
    'network-404',
    'subnets',
    'security-groups',
    'flavors-detail',
    'flavors-detail-paged',
    'flavor-404',
    'limits',
    'os-quota-sets',
    'nova-400-bad-microversion',
    'nova-406-too-high-microversion',
  ]);
}

/** Hypervisors and services while all of them are up and enabled. */
export async function replayHosts(replayer: Replayer): Promise<void> {
  await replayer.replayAll([
    'os-hypervisors-detail-2.53',
    'os-hypervisors-detail-2.88-with-servers',
    'os-hypervisors-pattern',
    'os-hypervisors-pattern-none-404',
    'os-hypervisors-pattern-with-limit-400',
    'os-hypervisors-bad-limit-400',
    'os-hypervisors-bad-marker-400',
    'os-hypervisors-show',
    'os-hypervisors-show-404',
    'nova-no-microversion-hypervisors',
    'os-services',
    'os-services-compute',
    'os-service-delete-404',
  ]);
  await replayer.replayAll(['os-hypervisors-403-plain', 'os-services-403-plain'], { as: 'plain' });
  await replayPages(replayer);
}

async function replayPages(replayer: Replayer): Promise<void> {
  const { names, cloud } = replayer;
  const all = await replayer.call('GET', `${cloud.origins.compute}/v2.1/os-hypervisors/detail`);
  const ids = page.parse(all.body).hypervisors.map(({ id }) => id);
  await replayer.replay('os-hypervisors-detail-page1');
  const played = names.id(RECORDED_END_OF_PAGE_1);
  names.bind(RECORDED_END_OF_PAGE_1, ids[1] ?? '');
  names.bind(RECORDED_BEFORE_LAST, ids.at(-2) ?? '');
  await replayer.replayAll(['os-hypervisors-detail-page2', 'os-hypervisors-detail-lastpage']);
  names.bind(RECORDED_END_OF_PAGE_1, played);
}

/** A host in an aggregate that is an availability zone of its own. */
export async function replayAggregates(replayer: Replayer): Promise<void> {
  const { body } = await replayer.replay('os-aggregates-create');
  replayer.names.bind(RECORDED_AGGREGATE, String(created.parse(body).aggregate.id));
  await replayer.replayAll([
    'os-aggregates-add-host',
    'os-aggregates-add-host-dup-409',
    'os-aggregates-add-host-unknown-404',
    'os-aggregates-set-metadata',
    'os-aggregates',
    'os-availability-zone',
    'os-availability-zone-detail',
  ]);
  await replayer.replay('os-availability-zone-detail-403-plain', { as: 'plain' });
}
