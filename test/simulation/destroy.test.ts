import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Destroyed } from '../../src/cli/render/destroy.ts';
import { createObjectStore, type ObjectStore } from '../../src/objectstore/client.ts';
import { fetchJson } from '../scenario/fetchJson.ts';
import { Life } from '../scenario/life.ts';
import { eventually } from '../support/await.ts';
import { startInnervisor, type CommandPlace } from '../support/innervisor.ts';
import { SimCloud } from './simCloud.ts';

const FOREIGN_GROUP = [{ targets: ['127.0.0.1:9'], labels: { region: 'other', probe_id: '0000000b' } }];

let cloud: SimCloud;
let life: Life;
let store: ObjectStore;
/** What others have in the same cloud, bucket, Prometheus and Alertmanager. */
let foreign: {
  readonly servers: readonly string[];
  readonly silence: string;
  readonly objects: readonly string[];
};

/** A region with a probe on each hypervisor but one, on which none comes up; each test goes on where the one before ended. */
beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await Life.begin(cloud, { seconds: { verify: 60, silent: 60, rulesRange: 5 } });
  const { s3, bucket } = life.stack;
  const { endpoint, region, accessKeyId, secretAccessKey } = s3;
  const credentials = { accessKeyId, secretAccessKey };
  store = createObjectStore({ bucket, endpoint, region, requestTimeoutMs: 10_000, credentials });
  await cloud.setFault(life.hostAt(-1), { spawn_error: 'out of luck' });
  foreign = await settleForeigners();
  expect((await life.stack.pass()).created).toBe(life.hosts.length - 1);
  expect((await innervisor('schedule', 'apply', 'lab')).code).toBe(0);
});
afterAll(async () => {
  store.close();
  await life.end();
});

function place(more: Partial<CommandPlace> = {}): CommandPlace {
  const { configPath, temporal } = life.stack;
  return { configPath, env: { TEMPORAL_ADDRESS: temporal.address }, ...more };
}

async function innervisor(...args: readonly string[]) {
  const command = startInnervisor(args, place());
  const code = await command.ended;
  return { code, stdout: command.stdout(), stderr: command.stderr() };
}

async function settleForeigners(): Promise<typeof foreign> {
  const tags = ['innervisor', 'innervisor-region-lab', 'innervisor-probe-0000000c'];
  const metadata = {
    innervisor_region: 'lab',
    innervisor_hypervisor: life.nameOf(life.hostAt(1)),
    innervisor_probe: '0000000c',
    innervisor_revision: 'r',
    innervisor_generation: '1',
  };
  const host = life.hostAt(1);
  const servers = await Promise.all([
    cloud.createServer({ name: 'probe-cmp001-0000000b', host }),
    cloud.createServer({ name: 'mark-by-half', host, tags: [...tags, 'innervisor-test'] }),
    cloud.createServer({
      name: 'of-another-installation',
      host,
      tags: [...tags, 'innervisor-other'],
      metadata: { ...metadata, innervisor_installation: 'other' },
    }),
  ]);
  const { alertmanager, prometheus } = life.stack;
  await writeFile(join(prometheus.targetsDir, 'other.json'), JSON.stringify(FOREIGN_GROUP));
  const objects = ['passes/other/plan/0.json', 'peers/other.json'];
  for (const key of objects) await store.putObject(key, '{}', { contentType: 'application/json' });
  const body = {
    matchers: [{ name: 'alertname', value: 'Other', isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: 'innervisor/other/lab',
    comment: 'somebody else’s',
  };
  const answer = await fetch(`${alertmanager.url}/api/v2/silences`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { silenceID: silence } = (await answer.json()) as { silenceID: string };
  return { servers: servers.map(({ id }) => id), silence, objects };
}

/** What of the region is anywhere, asked without our clients, and whether all that is others' is still there. */
async function look() {
  const { probes, targets, peers, silences } = await life.world();
  const { stack } = life;
  const objects = (await store.listObjects('', { max: 1_000 })).map(({ key }) => key);
  const others = await Promise.all(foreign.servers.map((id) => cloud.getServer(id)));
  const schedules = await stack.temporalCli('schedule', 'list', '--output', 'json');
  return {
    probes: probes.map(({ host }) => host).toSorted(),
    targets: [...new Set(targets.map(({ labels }) => labels['probe_id']))]
      .filter((id) => id !== '0000000b')
      .toSorted(),
    peers: peers.map(({ server_id }) => server_id),
    silences: silences.map(({ id }) => id).filter((id) => id !== foreign.silence),
    documents: objects.filter(
      (key) => key === 'peers/lab.json' || /^passes\/lab\/(memory|orders)\//.test(key),
    ),
    hasFile: await readFile(stack.prometheus.fileSdPath).then(
      () => true,
      () => false,
    ),
    hasSchedule: schedules.stdout.includes('region/lab'),
    trail: objects.filter((key) => /^passes\/lab\/(?!memory|orders)/.test(key)).length,
    foreign:
      others.every((server) => server?.status === 'ACTIVE') &&
      foreign.objects.every((key) => objects.includes(key)) &&
      silences.some(({ id }) => id === foreign.silence) &&
      targets.some(({ labels }) => labels['probe_id'] === '0000000b'),
  };
}

test('a dry run shows every probe, document and the schedule, and changes nothing', async () => {
  const before = await look();

  const { code, stdout } = await innervisor('destroy', 'lab', '--dry-run');

  expect(code).toBe(2);
  for (const { name } of (await life.world()).probes)
    expect(stdout).toContain(`- probe     ${name} goes with its region\n`);
  expect(stdout).toContain(`- document  ${life.stack.prometheus.fileSdPath}\n`);
  expect(stdout).toContain('- document  peers/lab.json in S3\n');
  expect(stdout).toContain('- document  passes/lab/memory/test.json in S3\n');
  expect(stdout).toContain('- schedule  region/lab\n');
  expect({ ...(await look()), trail: 0 }).toEqual({ ...before, trail: 0 });
});

test('it is not done without a person’s word, by another name, or by a wrong answer', async () => {
  const before = await look();

  const silent = await innervisor('destroy', 'lab');
  const other = await innervisor('destroy', 'lab', '--yes', 'bal');
  const asked = startInnervisor(['destroy', 'lab'], place({ terminal: true }));
  await asked.says('Type the name of the region');
  asked.type('yes\n');
  for (const key of ['\u0003', '\u0004']) {
    const left = startInnervisor(['destroy', 'lab'], place({ terminal: true }));
    await left.says('Type the name of the region');
    left.type(key);
    expect(await left.ended).toBe(1);
    expect(left.stdout()).toMatch(/error:\S* nothing was removed\r\n$/);
  }

  expect([silent.code, other.code, await asked.ended]).toEqual([1, 1, 1]);
  expect(silent.stderr).toContain('innervisor destroy lab --yes lab');
  expect(other.stderr).toContain('error: --yes names "bal", not lab; nothing was removed\n');
  expect(asked.stdout()).toContain('that isn’t lab; nothing was removed'.replace('’', "'"));
  expect({ ...(await look()), trail: 0 }).toEqual({ ...before, trail: 0 });
});

test('a frozen region is left alone until that is lifted', async () => {
  expect((await innervisor('freeze', 'lab', '--reason', 'audit')).code).toBe(0);
  const before = await look();

  const { code, stderr } = await innervisor('destroy', 'lab', '--yes', 'lab');

  expect(code).toBe(1);
  expect(stderr).toContain('refused, and nothing was changed: lab is frozen by ');
  expect({ ...(await look()), trail: 0 }).toEqual({ ...before, trail: 0 });
  expect((await innervisor('unfreeze', 'lab')).code).toBe(0);
  expect((await look()).documents).toContain('passes/lab/orders/test.json');
});

test('a probe on a hypervisor that is down stays, stays watched, and is named', async () => {
  const host = life.hostAt(0);
  const { id, name } = await life.probeOn(host);
  await cloud.killCompute(host);
  await eventually(
    async () => (await cloud.listHypervisors()).some((one) => one.host === host && one.state === 'down'),
    life.patience('the hypervisor to be down'),
  );

  const { code, stdout } = await innervisor('destroy', 'lab', '--yes', 'lab');

  expect(code).toBe(4);
  expect(stdout).toContain('lab: not wholly destroyed\n');
  expect(stdout).toContain(`LEFT ${name}: its hypervisor is down, `);
  const seen = await look();
  expect(seen).toMatchObject({ probes: [host], peers: [id], hasSchedule: false, foreign: true });
  expect(seen.targets).toHaveLength(1);
  await cloud.reviveCompute(host);
});

test('a worker that is killed in the middle of it changes nothing about its end: nothing of the region is left', async () => {
  expect((await life.stack.pass()).created).toBeGreaterThan(0);
  const command = startInnervisor(['destroy', 'lab', '--yes', 'lab', '--output', 'json'], place());
  await command.says('deleting');
  await life.stack.worker.kill();
  await life.stack.startWorker();

  expect(await command.ended).toBe(0);
  const { outcome, left, kept, documents } = JSON.parse(command.stdout()) as Destroyed;
  expect({ outcome, left, kept }).toEqual({
    outcome: 'destroyed',
    left: [],
    kept: { prefix: 'passes/lab/', keepDays: 30 },
  });
  expect(documents).toContain('peers/lab.json in S3');
  const { trail, ...seen } = await look();
  expect(seen).toEqual({
    probes: [],
    targets: [],
    peers: [],
    silences: [],
    documents: [],
    hasFile: false,
    hasSchedule: false,
    foreign: true,
  });
  expect(trail).toBeGreaterThan(0);
});

test('done again it finds nothing; and status tells what was done', async () => {
  const { code, stdout } = await innervisor('destroy', 'lab', '--yes', 'lab');
  const { stdout: status } = await innervisor('status', 'lab');

  expect(code).toBe(0);
  expect(stdout).toContain('lab: nothing is left of it: plans and reports below passes/lab/ in S3');
  expect(status).toContain('last:     destroyed');
  expect(status).toContain('by innervisor destroy: deleted ');
  const alertmanagerUrl = life.stack.alertmanager.url;
  expect(await fetchJson(`${alertmanagerUrl}/api/v2/silence/${foreign.silence}`)).toMatchObject({
    status: { state: 'active' },
  });
});

test('where Nova lists no hypervisor any more, somebody has to say that the machines are gone', async () => {
  expect((await life.stack.pass()).created).toBeGreaterThan(0);
  cloud.hideHypervisors();
  const before = await look();

  const refused = await innervisor('destroy', 'lab', '--yes', 'lab');
  const seen = await look();
  const done = await innervisor('destroy', 'lab', '--yes', 'lab', '--force-down');

  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('Nova lists no hypervisors in region lab');
  expect(refused.stderr).toContain('--force-down');
  expect({ ...seen, trail: 0 }).toEqual({ ...before, trail: 0 });
  expect(done.code).toBe(0);
  expect(await look()).toMatchObject({
    probes: [],
    targets: [],
    peers: [],
    silences: [],
    documents: [],
    foreign: true,
  });
});
