import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createChance } from './chance.ts';
import { addWorker, startWorker, strike, type Shared } from './disasters.ts';
import { TestedLife } from './life.ts';
import { claimLoopback } from './loopback.ts';
import { lookFromOutside } from './outside.ts';
import { connectPasses, type Passes } from './passes.ts';
import { startRegion, type TestedRegion } from './region.ts';
import { startShared } from './stack.ts';
import type { Tally } from './tally.ts';
import { Watch } from './watch.ts';

/** A run whose laws were broken. */
export interface FailedRun {
  readonly region: string;
  readonly broken: readonly string[];
  readonly diary: readonly string[];
}

/**
 * Lets as many regions live at once as there are runs; they share servers and workers, and what befalls those.
 * The seed decides all that is drawn, not in which order things that happen at once come.
 */
export async function runGroup(seed: number, runs: number, tally: Tally): Promise<readonly FailedRun[]> {
  await using held = new AsyncDisposableStack();
  const loopback = held.use(await claimLoopback());
  const names = Array.from({ length: runs }, (_, index) => `r${index}`);
  const regions: TestedRegion[] = [];
  for (const [place, name] of names.entries()) {
    const site = { name, networkCidr: loopback.cidrOf(place) };
    const region = await startRegion({ ...site, chance: createChance(seed, place + 1) });
    held.defer(() => region.close());
    regions.push(region);
  }
  const stack = await startShared(regions.map(({ name, sim }) => ({ name, cloudsYaml: sim.cloudsYaml })));
  held.use(stack);
  const chance = createChance(seed);
  const shared: Shared = { stack, workers: [], alertmanagerLostMs: 0 };
  for (const worker of [stack.worker, await startWorker(stack, chance)]) addWorker(shared, worker);
  held.defer(() => void shared.workers.splice(0));
  const passes = await connectPasses(stack.temporal.address, tally);
  held.defer(() => passes.close());

  const lives = regions.map((region) => {
    const outside = lookFromOutside(stack, region.name);
    const watch = new Watch(region, outside, () => shared.alertmanagerLostMs);
    watch.begin();
    held.defer(() => watch.stop());
    return { life: new TestedLife(region, passes, outside, watch, tally), watch, region };
  });
  await Promise.all(lives.map(({ life }) => life.begin()));
  const calm = new AbortController();
  const suffering = Promise.all(lives.map(({ life }) => life.suffer())).finally(() => calm.abort());
  const [struck, suffered] = await Promise.allSettled([
    strike(shared, chance, tally, calm.signal),
    suffering,
  ]);
  if (suffered.status === 'rejected') throw suffered.reason;
  if (struck.status === 'rejected') throw struck.reason;
  const results = await Promise.all(
    lives.map(async ({ life, watch, region }) => {
      const wrong = await life.settle();
      const broken = [
        ...wrong,
        ...(await watch.end()),
        ...region.sim.unknown.map((what) => `501: ${what}`),
        ...region.unserved,
      ];
      const diary = [...region.diary, `disasters: ${struck.value.join(', ')}`];
      return { region: region.name, broken, diary };
    }),
  );
  const told = await findToldSecrets(shared, regions, passes);
  const isAnyRemembered = lives.some(({ watch }) => watch.remembered > 0);
  const forgotten = isAnyRemembered ? [] : ['no new server of any region was ever remembered'];
  return [...results, { region: 'all', broken: [...told, ...forgotten], diary: [] }].filter(
    ({ broken }) => broken.length > 0,
  );
}

/** Where a secret stands that nobody may read: in the log of a worker, or in a history. */
async function findToldSecrets(
  { stack }: Shared,
  regions: readonly TestedRegion[],
  passes: Passes,
): Promise<readonly string[]> {
  const secrets = [stack.s3.secretAccessKey, ...regions.map(({ sim }) => credentialSecret(sim.cloudsYaml))];
  const texts: [string, string][] = [];
  for (const name of (await readdir(stack.folder)).filter((entry) => entry.startsWith('worker-')))
    texts.push([name, await readFile(join(stack.folder, name, 'output.log'), 'utf8')]);
  for (const { name } of regions) texts.push([`the histories of ${name}`, await passes.histories(name)]);
  return texts
    .filter(([, text]) => secrets.some((secret) => text.includes(secret)))
    .map(([where]) => `a secret stands in ${where}`);
}

function credentialSecret(cloudsYaml: string): string {
  const { clouds } = parse(cloudsYaml) as {
    clouds: { prober: { auth: { application_credential_secret: string } } };
  };
  return clouds.prober.auth.application_credential_secret;
}
