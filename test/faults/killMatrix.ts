import type { Stack } from '../../lab/stack/index.ts';
import { eventually } from '../support/await.ts';
import { createChance } from './chance.ts';
import type { FailedRun } from './group.ts';
import { mustCome, startDoomedWorker, type Kill } from './kill.ts';
import { claimLoopback } from './loopback.ts';
import { lookFromOutside, type Outside } from './outside.ts';
import { connectPasses, type PassEnd, type Passes } from './passes.ts';
import { startRegion, type TestedRegion } from './region.ts';
import { findDoubled, findWrong } from './right.ts';
import { SILENT_SECONDS, startShared } from './stack.ts';
import type { Tally } from './tally.ts';
import { Watch } from './watch.ts';

const HYPERVISORS = 7;
/** Where the pass that is killed can make no probe. */
const UNLUCKY = 'cmp005';
/** Its probe is silent and is rebooted, by a killed pass perhaps twice: it may still boot when the pass verifies it. */
const SILENT = 'cmp007';

/** Kills a worker at each of these moments, in a region of its own each, side by side. */
export async function runKills(kills: readonly Kill[], tally: Tally): Promise<readonly FailedRun[]> {
  await using held = new AsyncDisposableStack();
  const loopback = held.use(await claimLoopback());
  const regions: TestedRegion[] = [];
  for (const place of kills.keys()) {
    const name = `r${place}`;
    const region = await startRegion({
      ...{ name, networkCidr: loopback.cidrOf(place), taskQueue: `queue-${name}` },
      ...{ hypervisors: HYPERVISORS, keepsDeleted: false, chance: createChance(place) },
    });
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
      const broken = await killOne(kill, { region, stack, passes, tally });
      return { region: `${kill.step}: ${kill.moment}`, broken, diary: region.diary };
    }),
  );
  return results.filter(({ broken }) => broken.length > 0);
}

interface Scene {
  readonly region: TestedRegion;
  readonly stack: Stack;
  readonly passes: Passes;
  readonly tally: Tally;
}

/** What was wrong with a region in the end; one that can't be lived on must not end those beside it. */
async function killOne(kill: Kill, { region, stack, passes, tally }: Scene): Promise<readonly string[]> {
  const outside = lookFromOutside(stack, region.name);
  const watch = new Watch(region, outside, () => 0);
  const worker = await startDoomedWorker(stack, region, kill);
  watch.begin();
  try {
    await passes.run(region, { interfere: false });
    await disturb(region, passes, outside);
    await worker.arm();
    const end = await passes.run(region, { interfere: false });
    const broken = [...findWrongEnd(end, region), ...(await findDoubled(region, false))];
    const wasKilled = worker.wasKilled();
    heal(region);
    broken.push(...(await settle(region, passes, outside)));
    if (wasKilled) tally.add('kills', kill.moment);
    else tally.add('moments that never came', `${kill.step}: ${kill.moment}`);
    if (wasKilled !== mustCome(kill))
      broken.push(wasKilled ? 'a moment came that should never come' : 'the moment never came');
    return [...broken, ...(await watch.end())];
  } catch (error) {
    await watch.end();
    return [`the run broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  } finally {
    worker.retire();
  }
}

/** A pass that was killed goes on, and nothing fails in it but what had to. */
function findWrongEnd(
  { outcome, failed, unverified, remarks }: PassEnd,
  { sim }: TestedRegion,
): readonly string[] {
  const [unlucky, silent] = [UNLUCKY, SILENT].map((host) => sim.hypervisorOf(host));
  const isRight =
    outcome === 'degraded' &&
    failed.every((hypervisor) => hypervisor === unlucky) &&
    unverified.every((hypervisor) => hypervisor === unlucky || hypervisor === silent);
  return isRight ? [] : [`the pass that was killed ended ${outcome}: ${remarks.join('; ')}`];
}

/** Where each kind of change is waiting for the next pass, so that it runs every step there is. */
async function disturb(region: TestedRegion, passes: Passes, outside: Outside): Promise<void> {
  const { sim, observer } = region;
  const probeOn = async (host: string) => {
    const probe = (await observer.listServers()).find((server) => server.host === host);
    if (probe === undefined) throw new Error(`no probe on ${host}`);
    return probe;
  };
  const on = async (host: string): Promise<string> => (await probeOn(host)).id;
  const silent = await probeOn(SILENT);
  region.silenceGuest(silent.id);
  await observer.disable('cmp003', 'MAINT');
  await passes.run(region, { interfere: false });
  await observer.disable('cmp004', 'MAINT');
  sim.fillHost('cmp001');
  await observer.resetToError(await on('cmp001'));
  await observer.deleteServer(await on('cmp002'));
  sim.setFault(UNLUCKY, { spawn_error: 'out of luck' });
  await observer.deleteServer(await on(UNLUCKY));
  const moved = await on('cmp006');
  await observer.liveMigrate(moved, SILENT);
  await eventually(
    async () => {
      const servers = await observer.listServers();
      return servers.every(
        ({ id, host, status, taskState }) =>
          status !== 'MIGRATING' && taskState === null && (id !== moved || host === SILENT),
      );
    },
    { describe: 'the deletions and the migration to end' },
  );
  const probeId = silent.metadata['innervisor_probe'] ?? '';
  const unanswered = `max_over_time(up{probe_id="${probeId}",exporter="node"}[${SILENT_SECONDS}s]) == 0`;
  await eventually(async () => (await outside.query(unanswered)) > 0, {
    timeoutMs: 120_000,
    intervalMs: 1_000,
    describe: 'Prometheus to have seen the silent probe silent for long enough',
  });
}

function heal({ sim }: TestedRegion): void {
  sim.clearFault(UNLUCKY);
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
