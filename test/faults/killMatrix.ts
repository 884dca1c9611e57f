import { inspect } from 'node:util';
import type { Stack } from '../../lab/stack/index.ts';
import { createChance } from './chance.ts';
import type { FailedRun } from './group.ts';
import { mustCome, startDoomedWorker, type Kill, type Scenario } from './kill.ts';
import { killDestruction } from './killedDestruction.ts';
import { killLook } from './killedLook.ts';
import { killOrder } from './killedOrder.ts';
import { killPass } from './killedPass.ts';
import type { KillScene, PlayedScenario } from './killScene.ts';
import { claimLoopback } from './loopback.ts';
import { lookFromOutside } from './outside.ts';
import { connectPasses, type Passes } from './passes.ts';
import { startRegion, type TestedRegion } from './region.ts';
import { startShared } from './stack.ts';
import type { Tally } from './tally.ts';
import { Watch } from './watch.ts';

/** A workflow's failure holds its child's, which holds the step's, which says what it was. */
const CAUSES_DEPTH = 5;

/** How each scenario goes, and how many hypervisors its region has. */
const SCENARIOS: Readonly<Record<Scenario, { readonly play: PlayedScenario; readonly hypervisors: number }>> =
  {
    pass: { play: killPass, hypervisors: 7 },
    destruction: { play: killDestruction, hypervisors: 3 },
    order: { play: killOrder, hypervisors: 3 },
    look: { play: killLook, hypervisors: 3 },
  };

/** Kills a worker at each of these moments, in a region of its own each, side by side. */
export async function runKills(kills: readonly Kill[], tally: Tally): Promise<readonly FailedRun[]> {
  await using held = new AsyncDisposableStack();
  const loopback = held.use(await claimLoopback());
  const regions: TestedRegion[] = [];
  for (const [place, { scenario }] of kills.entries()) {
    const name = `r${place}`;
    const region = await startRegion({
      ...{ name, networkCidr: loopback.cidrOf(place), taskQueue: `queue-${name}` },
      ...{ hypervisors: SCENARIOS[scenario].hypervisors, keepsDeleted: false, chance: createChance(place) },
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
      return { region: describeKill(kill), broken, diary: region.diary };
    }),
  );
  return results.filter(({ broken }) => broken.length > 0);
}

interface Place {
  readonly region: TestedRegion;
  readonly stack: Stack;
  readonly passes: Passes;
  readonly tally: Tally;
}

function describeKill({ scenario, step, moment }: Kill): string {
  return `${scenario}, ${step}: ${moment}`;
}

/** What was wrong with a region in the end; one that can't be lived on must not end those beside it. */
async function killOne(kill: Kill, { region, stack, passes, tally }: Place): Promise<readonly string[]> {
  const outside = lookFromOutside(stack, region.name);
  const watch = new Watch(region, outside, () => 0);
  const worker = await startDoomedWorker(stack, region, kill);
  let wasKilled = false;
  const underKill: KillScene['underKill'] = async (act) => {
    await worker.arm();
    const result = await act();
    wasKilled = await worker.disarm();
    return result;
  };
  watch.begin();
  try {
    const { play } = SCENARIOS[kill.scenario];
    const broken = [...(await play({ region, stack, passes, outside, watch, underKill }))];
    if (wasKilled) tally.add('kills', kill.moment);
    else tally.add('moments that never came', describeKill(kill));
    if (wasKilled !== mustCome(kill))
      broken.push(wasKilled ? 'a moment came that should never come' : 'the moment never came');
    return [...broken, ...(await watch.end())];
  } catch (error) {
    await watch.end();
    return [`the run broke off: ${inspect(error, { depth: CAUSES_DEPTH })}`];
  } finally {
    worker.retire();
  }
}
