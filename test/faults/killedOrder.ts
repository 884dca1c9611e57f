import type { HypervisorLook } from '../../src/domain/hypervisorLook.ts';
import type { PlacedOrder } from '../../src/domain/orders.ts';
import { names, type HypervisorInput, type OrderInput } from '../../src/workflows/contract.ts';
import type { KillScene } from './killScene.ts';
import { isOurs } from './region.ts';
import { findWrong } from './right.ts';

const HOST = 'cmp003';

/** A hypervisor is taken into maintenance, a pass heeds that and somebody looks; then it ends. */
export async function killOrder({
  region,
  passes,
  outside,
  underKill,
}: KillScene): Promise<readonly string[]> {
  const { name, sim, observer } = region;
  const hypervisor = sim.hypervisorOf(HOST);
  const order = (given: Omit<OrderInput, 'region'>): Promise<PlacedOrder> =>
    passes.call(region, names.orderRegion, { region: name, ...given } satisfies OrderInput);
  await passes.run(region, { interfere: false });

  const { placed, end, look } = await underKill(async () => ({
    placed: await order({
      ...{ order: 'beginMaintenance', hypervisor: HOST, until: '1h' },
      ...{ by: 'the run', reason: 'a new disk' },
    }),
    end: await passes.run(region, { interfere: false }),
    look: await passes.call<HypervisorLook>(region, names.lookAtHypervisor, {
      ...{ region: name, hypervisor: HOST },
    } satisfies HypervisorInput),
  }));
  const broken: string[] = [];
  const expect = (isSo: boolean, otherwise: string): void => void (isSo || broken.push(otherwise));
  expect(placed.changed, 'the order says that it changed nothing');
  const stored = JSON.parse(await outside.object(`passes/${name}/orders/test.json`)) as PlacedOrder;
  const standing = stored.maintenance.map((one) => `${one.hypervisor} by ${one.by}: ${one.reason}`);
  expect(
    standing.join() === `${hypervisor} by the run: a new disk`,
    `these orders stand: ${standing.join(', ')}`,
  );
  expect(end.outcome === 'converged', `the pass after the order ended ${end.outcome}`);
  const isSeen = look.maintenance?.by === 'the run' && look.probes.length === 0 && !look.isPublished;
  expect(isSeen, `a look at ${HOST} says ${JSON.stringify(look)}`);
  const probes = (await observer.listServers()).filter((server) => isOurs(server, name));
  expect(!probes.some(({ host }) => host === HOST), `${HOST} is in maintenance and has a probe`);
  broken.push(...(await findWrong(region, outside, [hypervisor])));

  const ended = await order({ order: 'endMaintenance', hypervisor: HOST });
  expect(ended.changed && ended.inMaintenance === 0, 'the maintenance did not end');
  await passes.run(region, { interfere: false });
  return [...broken, ...(await findWrong(region, outside))];
}
