import { afterAll, beforeAll, expect, test } from 'vitest';
import { Life } from '../scenario/life.ts';
import { SimCloud } from './simCloud.ts';

const RECONCILE = ['reconcile', 'lab', '--output', 'json'] as const;

let cloud: SimCloud;
let life: Life;

/** A region as planned but for one probe in ERROR, whose replacement is published before the old one goes. */
beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await Life.populated(cloud, { seconds: { verify: 20, silent: 60 } });
  await cloud.resetToError((await life.probeOn(life.hostAt(0))).id);
});
afterAll(async () => life.end());

/** What the S3 server holds, Nova has and Prometheus scrapes, without what changes by itself. */
async function standing() {
  const { probes, targets, peers, peersEtag, silences } = await life.world();
  const scraped = targets.map(({ labels }) => `${labels['probe_id'] ?? ''} ${labels['job'] ?? ''}`);
  return { probes, scraped: scraped.toSorted(), peers, peersEtag, silences };
}

test('without S3 a pass fails before it changes anything, and says what to look at', async () => {
  const { stack } = life;
  const before = await standing();
  const mark = await cloud.mark();
  await stack.s3.crash();

  const { code, stdout, stderr } = await stack.innervisor(...RECONCILE);
  const verified = await stack.innervisor('verify', 'lab');

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const { host } = new URL(stack.s3.endpoint);
  expect(stderr).toContain(
    `the pass failed: cannot get passes/lab/orders/test.json in bucket innervisor at ${host}: `,
  );
  expect(stderr).toContain('check that it runs, and its address');
  expect(verified).toMatchObject({ code: 1, stdout: '' });
  expect(verified.stderr).toContain('the verification of lab failed: cannot get ');
  const writes = (await cloud.requestsSince(mark)).filter(
    ({ method, path }) => method !== 'GET' && !path.includes('/auth/tokens'),
  );
  expect(writes).toEqual([]);
  await stack.s3.restart();
  expect(await standing()).toEqual(before);
});

test('S3 that ends while a replacement is built costs no probe, target or peer', async () => {
  const { stack } = life;
  const before = await standing();
  const mark = await cloud.mark();
  cloud.atNextBoot(() => void stack.s3.crash());

  const { code, stdout, stderr } = await stack.innervisor(...RECONCILE);

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /the pass failed: cannot get passes\/lab\/.* in bucket innervisor at .*ECONNREFUSED/,
  );
  const deletes = (await cloud.requestsSince(mark)).filter(({ method }) => method === 'DELETE');
  expect(deletes).toEqual([]);
  await stack.s3.restart();
  const after = await standing();
  expect(after).toEqual({ ...before, probes: after.probes });
  expect(after.probes).toEqual(expect.arrayContaining(before.probes));
  expect(after.probes).toHaveLength(before.probes.length + 1);
});

test('with S3 back the next pass verifies the replacement and lets the old probe go', async () => {
  const { stack } = life;
  const before = await standing();

  const report = await stack.pass();

  expect(report).toMatchObject({
    outcome: 'converged',
    created: 0,
    replaced: 1,
    deleted: 0,
    failures: [],
    failedChecks: [],
  });
  const after = await standing();
  expect(after.probes.map(({ host }) => host).toSorted()).toEqual(life.hosts);
  expect(after.peers.map(({ server_id }) => server_id).toSorted()).toEqual(
    after.probes.map(({ id }) => id).toSorted(),
  );
  expect(after.peersEtag).not.toBe(before.peersEtag);
  expect(after.scraped).toHaveLength(2 * life.hosts.length);
});

test('a replacement that is dead costs the pass after S3 came back no probe that works, and no batch', async () => {
  const { stack } = life;
  const { probes: old } = await standing();
  for (const { id } of old) await cloud.setMetadata(id, { innervisor_revision: 'of-another-time' });
  const before = await standing();
  cloud.atNextBoot(() => void stack.s3.crash());
  expect((await stack.innervisor(...RECONCILE)).code).toBe(1);
  await stack.s3.restart();
  const { probes } = await standing();
  const canaries = probes.filter(({ id }) => !old.some((probe) => probe.id === id));
  for (const { id } of canaries) cloud.muteGuest(id, true);

  const report = await stack.pass();

  expect(canaries).toHaveLength(1);
  expect(report.plan).toMatchObject({ replace: 1, keep: life.hosts.length - 1, delete: 0 });
  expect(report).toMatchObject({ outcome: 'degraded', created: 0, replaced: 0, deleted: 0 });
  expect(report.failures).toMatchObject([{ probeId: canaries[0]?.probeId, step: 'answer', kind: 'timeout' }]);
  const { probes: left, scraped, peers } = await standing();
  expect({ probes: left, scraped, peers }).toEqual({
    probes: before.probes,
    scraped: before.scraped,
    peers: before.peers,
  });
});
