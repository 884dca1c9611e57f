import type { PlacedOrder } from '../../src/domain/orders.ts';
import {
  names,
  type DestroyInput,
  type DestroyResult,
  type OrderInput,
} from '../../src/workflows/contract.ts';
import { findMissingOfOthers, settleOthers } from './others.ts';
import type { KillScene } from './killScene.ts';
import { isInForce, type Outside } from './outside.ts';
import { isOurs, type TestedRegion } from './region.ts';
import { findWrongForeign } from './right.ts';

const UNLUCKY = 'cmp002';

/** A region that has everything a region can have is destroyed, beside things of others. */
export async function killDestruction({
  region,
  stack,
  passes,
  outside,
  watch,
  underKill,
}: KillScene): Promise<readonly string[]> {
  const { name } = region;
  const others = await settleOthers(region, stack);
  region.sim.setFault(UNLUCKY, { spawn_error: 'out of luck' });
  await passes.run(region, { interfere: false });
  await passes.call<PlacedOrder>(region, names.orderRegion, {
    ...{ region: name, order: 'beginMaintenance', hypervisor: UNLUCKY, until: '1h' },
  } satisfies OrderInput);
  const documents = await listDocuments(region, outside);

  watch.allowEmptying();
  const result = await underKill(() =>
    passes.call<DestroyResult>(region, names.destroyRegion, {
      ...{ region: name, confirm: name },
    } satisfies DestroyInput),
  );

  return [
    ...(documents.length === 3 ? [] : [`there was only ${documents.join(', ')} to remove`]),
    ...(result.outcome === 'destroyed' ? [] : [`it ended ${JSON.stringify(result)}`]),
    ...(await findLeft(region, outside)),
    ...findWrongForeign(region, await region.observer.listServers()),
    ...(await findMissingOfOthers(others, stack, outside)),
  ];
}

/** The objects that a destruction removes: the list of peers, memory and orders. */
async function listDocuments({ name }: TestedRegion, outside: Outside): Promise<readonly string[]> {
  const ours = [`passes/${name}/memory/`, `passes/${name}/orders/`, `peers/${name}.json`];
  return (await Promise.all(ours.map((prefix) => outside.objectKeys(prefix)))).flat();
}

/** What is still there of a region that was destroyed. */
async function findLeft(region: TestedRegion, outside: Outside): Promise<readonly string[]> {
  const [servers, documents, groups, scraped, silences] = await Promise.all([
    region.observer.listServers(),
    listDocuments(region, outside),
    outside.targetsFile(),
    outside.scraped(),
    outside.silences(),
  ]);
  const inForce = silences.filter((silence) => isInForce(silence, Date.now()));
  return [
    ...servers.filter((server) => isOurs(server, region.name)).map((server) => `probe ${server.name}`),
    ...documents,
    ...(groups === null ? [] : ['the targets file']),
    ...scraped.map((labels) => `target ${labels['__address__'] ?? ''}`),
    ...inForce.map(({ id }) => `silence ${id}`),
  ].map((what) => `${what} is left`);
}
