import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RegionVerification } from '../../src/domain/verification.ts';
import { Life } from '../scenario/life.ts';
import { eventually } from '../support/await.ts';
import { runInnervisor } from '../support/innervisor.ts';
import { SimCloud } from './simCloud.ts';

let cloud: SimCloud;
let life: Life;

/** A region in which a probe stands on each hypervisor; each test leaves it as it was. */
beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await Life.populated(cloud);
});
afterAll(async () => life.end());

async function verify(...more: readonly string[]) {
  const { configPath, temporal } = life.stack;
  return await runInnervisor(['verify', 'lab', ...more], {
    configPath,
    env: { TEMPORAL_ADDRESS: temporal.address },
  });
}

/** Verifies again and again until it ends so. */
async function verifiedWith(wanted: number): Promise<RegionVerification> {
  return await eventually(
    async () => {
      const { code, stdout, stderr } = await verify('--output', 'json');
      if (code !== wanted) throw new Error(`${code}: ${stdout} ${stderr}`);
      return JSON.parse(stdout) as RegionVerification;
    },
    { ...life.patience(`verify to end with ${wanted}`), intervalMs: 500 },
  );
}

test('where all is right it says so, and changes nothing anywhere', async () => {
  await verifiedWith(0);
  const [mark, before] = [await cloud.mark(), await life.world()];
  const published = ({ peersEtag, probes, allSilences }: typeof before) => ({
    peersEtag,
    probes,
    allSilences,
  });

  const { code, stdout } = await verify();

  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^lab: converged\n {2}hypervisors 6, selected 6, deferred 0\n {2}probes verified 6, checks pending 0, list of peers of generation \d+\n {2}plan: create 0, replace 0, delete 0, keep 6, defer 0\n$/,
  );
  const writes = (await cloud.requestsSince(mark)).filter(
    ({ method, service }) => method !== 'GET' && service !== 'keystone',
  );
  expect(writes).toEqual([]);
  expect(published(await life.world())).toEqual(published(before));
});

test('a probe that does not answer fails its checks', async () => {
  const { id, marked } = await life.probeOn(life.hostAt(0));
  cloud.muteGuest(id);

  const { failedChecks, outcome } = await verifiedWith(4);

  expect(outcome).toBe('degraded');
  expect(failedChecks).toContainEqual(
    expect.objectContaining({ hypervisor: marked, check: 'scraped', status: 'failed' }),
  );
  cloud.unmuteGuest(id);
  await verifiedWith(0);
});

test('a probe that is gone is still published, which both documents tell, and a pass would make a new one', async () => {
  await life.loseProbe(life.hostAt(1));

  const { differences, plan } = await verifiedWith(4);

  expect(plan).toMatchObject({ create: 1, keep: 5 });
  expect(differences).toEqual([
    { document: 'peers', difference: '0 missing, 1 too many' },
    {
      document: 'targets',
      replica: new URL(life.stack.prometheus.url).host,
      difference: expect.stringContaining('0 missing, 2 too many') as string,
    },
  ]);
  await life.stack.pass();
  await verifiedWith(0);
});

test('a new hypervisor alone is drift', async () => {
  await cloud.addHypervisors(1);

  const { outcome, plan } = await verifiedWith(2);

  expect([outcome, plan.create]).toEqual(['drifted', 1]);
  const text = await verify();
  expect(text.stdout).toContain('lab: drifted\n');
  expect(text.stdout).toContain('+   create');
  await life.stack.pass();
});
