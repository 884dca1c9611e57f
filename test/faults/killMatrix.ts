import { eventually } from '../support/await.ts';
import { createChance } from './chance.ts';
import type { FailedRun } from './group.ts';
import { startDoomedWorker, type Kill } from './kill.ts';
import { lookFromOutside, type Outside } from './outside.ts';
import { connectPasses, type Passes } from './passes.ts';
import { startRegion, type TestedRegion } from './region.ts';
import { findWrong } from './right.ts';
import { SILENT_SECONDS, startShared } from './stack.ts';
import type { Tally } from './tally.ts';
import { Watch } from './watch.ts';

const HYPERVISORS = 7;

/** Kills a worker at each of these moments, in a region of its own each, side by side. */
export async function runKills(kills: readonly Kill[], tally: Tally): Promise<readonly FailedRun[]> {
  await using held = new AsyncDisposableStack();
  const regions: TestedRegion[] = [];
  for (const place of kills.keys()) {
    const name = `r${place}`;
    const site = { name, place, taskQueue: `queue-${name}`, hypervisors: HYPERVISORS };
    const region = await startRegion({ ...site, chance: createChance(place) });
    held.defer(() => region.close());
    regions.push(region);
  }
  const stack = await startShared(regions.map(({ name, sim }) => ({ name, cloudsYaml: sim.cloudsYaml })));
  held.use(stack);
  const passes = await connectPasses(stack.temporal.address, tally);
  held.defer(() => passes.close());

  const results = await Promise.all(
    regions.map(async (region, index) => {
      const kill = kills[index];
      if (kill === undefined) throw new Error('there is a region for each kill');
      const outside = lookFromOutside(stack, region.name);
      const watch = new Watch(region, outside, () => 0);
      const worker = await startDoomedWorker(stack, region, kill);
      watch.begin();
      await passes.run(region, { interfere: false });
      await disturb(region, passes, outside);
      await worker.arm();
      await passes.run(region, { interfere: false });
      const wasKilled = worker.wasKilled();
      heal(region);
      const wrong = await settle(region, passes, outside);
      worker.retire();
      const broken = [...wrong, ...(await watch.end())];
      const where = `${kill.step}: ${kill.moment}`;
      if (wasKilled) tally.add('kills', kill.moment);
      else if (kill.moment === 'first write') tally.add('steps that write nothing', kill.step);
      else if (kill.moment === 'first answer') tally.add('steps that ask nobody', kill.step);
      else broken.push('the moment never came');
      return { region: where, broken, diary: region.diary };
    }),
  );
  return results.filter(({ broken }) => broken.length > 0);
}

/** Where each kind of change is waiting for the next pass, so that it runs every step there is. */
async function disturb(region: TestedRegion, passes: Passes, outside: Outside): Promise<void> {
  const { sim, observer } = region;
  const on = async (host: string): Promise<string> => {
    const probe = (await observer.listServers()).find((server) => server.host === host);
    if (probe === undefined) throw new Error(`no probe on ${host}`);
    return probe.id;
  };
  region.silenceGuest(await on('cmp007'));
  await observer.disable('cmp003', 'MAINT');
  await passes.run(region, { interfere: false });
  await observer.disable('cmp004', 'MAINT');
  sim.fillHost('cmp001');
  await observer.resetToError(await on('cmp001'));
  await observer.deleteServer(await on('cmp002'));
  sim.setFault('cmp005', { spawn_error: 'out of luck' });
  await observer.deleteServer(await on('cmp005'));
  const moved = await on('cmp006');
  await observer.liveMigrate(moved, 'cmp007');
  await eventually(
    async () => {
      const servers = await observer.listServers();
      return servers.every(
        ({ id, host, status, taskState }) =>
          status !== 'MIGRATING' && taskState === null && (id !== moved || host === 'cmp007'),
      );
    },
    { describe: 'the deletions and the migration to end' },
  );
  const silent = `max_over_time(up{region="${region.name}",exporter="node"}[${SILENT_SECONDS}s]) == 0`;
  await eventually(async () => (await outside.query(silent)) > 0, {
    timeoutMs: 120_000,
    intervalMs: 1_000,
    describe: 'Prometheus to have seen the silent probe silent for long enough',
  });
}

function heal({ sim }: TestedRegion): void {
  sim.clearFault('cmp005');
  sim.emptyHost('cmp001');
}

/** What is still wrong two passes after the kill. */
async function settle(region: TestedRegion, passes: Passes, outside: Outside): Promise<readonly string[]> {
  for (let left = 2; ; left -= 1) {
    const { paused } = await passes.run(region, { interfere: false });
    const wrong = await findWrong(region, outside, paused);
    if (wrong.length === 0 || left === 1) return wrong;
  }
}
