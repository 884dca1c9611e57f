import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShownProbes } from '../../src/cli/published/probes.ts';
import { Life } from '../scenario/life.ts';
import { eventually } from '../support/await.ts';
import { runInnervisor } from '../support/innervisor.ts';
import { SimCloud } from './simCloud.ts';

let cloud: SimCloud;
let life: Life;

beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await Life.begin(cloud);
});
afterAll(async () => life.end());

/** Runs the command with nothing but the configuration and Temporal's address: no credentials of S3 or OpenStack. */
async function innervisor(...args: readonly string[]) {
  const { configPath, temporal } = life.stack;
  return await runInnervisor(args, { configPath, env: { TEMPORAL_ADDRESS: temporal.address } });
}

test('before the first pass nothing is published, and a probe that is asked for is an error', async () => {
  const [peers, targets, probes] = await Promise.all([
    innervisor('peers', 'lab'),
    innervisor('targets', 'lab'),
    innervisor('probes', 'list', 'lab'),
  ]);
  const shown = await innervisor('probes', 'show', 'lab', 'cmp001');

  expect([peers.code, targets.code, probes.code]).toEqual([0, 0, 0]);
  expect(peers.stdout).toBe('lab: no list of peers has been published yet\n');
  expect(targets.stdout).toBe('lab: Prometheus has 0 targets\n');
  expect(probes.stdout).toBe('lab: 0 probes published, list of peers not there yet\n');
  expect(shown).toMatchObject({ code: 1, stdout: '' });
  expect(shown.stderr).toContain(
    'error: no probe "cmp001" is published in lab\nhint: innervisor probes list',
  );
});

test('after a pass each probe is shown as its peers and Prometheus know it', async () => {
  await life.stack.pass();
  const { probes: made } = await life.world();

  const listed = await innervisor('probes', 'list', 'lab', '--output', 'json');
  const text = await innervisor('probes', 'list');

  const { generation, probes } = JSON.parse(listed.stdout) as ShownProbes;
  expect(generation).toBeGreaterThan(0);
  expect(probes).toMatchObject(
    made
      .toSorted((a, b) => (a.marked < b.marked ? -1 : 1))
      .map(({ id, probeId, name, marked }) => ({ serverId: id, probeId, name, hypervisor: marked })),
  );
  expect(probes[0]?.exporters.map(({ exporter, health }) => `${exporter} ${health}`)).toEqual([
    'node up',
    'ping up',
  ]);
  expect(text.stdout).toMatch(
    /^lab: 6 probes published, list of peers of generation \d+\nHYPERVISOR +ID +NAME/,
  );
});

test('targets and peers are lists of what is published', async () => {
  const [peers, targets] = await Promise.all([
    innervisor('peers', 'lab', '--output', 'json'),
    innervisor('targets', '--all'),
  ]);

  expect(JSON.parse(peers.stdout)).toMatchObject({
    region: 'lab',
    document: { installation: 'test', peers: { length: life.hosts.length } },
  });
  expect(targets.stdout).toContain(`lab: Prometheus has ${2 * life.hosts.length} targets\nHYPERVISOR`);
  expect(targets.stdout).toMatch(/cmp001\.lab\.example +node +127\.[0-9.]+:9100 +up /);
});

test('one probe is shown by its host, with what the last pass did about it', async () => {
  const probe = await life.probeOn(life.hostAt(0));

  const { code, stdout } = await innervisor('probes', 'show', 'lab', life.hostAt(0));
  const byId = await innervisor('probes', 'show', 'lab', probe.probeId, '--output', 'yaml');

  expect(code).toBe(0);
  expect(stdout).toContain(`${probe.name}\n  region:     lab\n  hypervisor: ${probe.marked}\n`);
  expect(stdout).toContain('  answers:    node up, ping up\n');
  expect(stdout).toMatch(/last pass: {2}converged at \S+\n +create: has no probe\n/);
  expect(byId.stdout).toContain(`hypervisor: ${probe.marked}\n`);
});

test('without S3 and Prometheus it says what can’t be read, and where', async () => {
  const { stack } = life;
  await Promise.all([stack.s3.crash(), stack.prometheus.crash()]);

  const [peers, targets] = await Promise.all([innervisor('peers', 'lab'), innervisor('targets', 'lab')]);

  expect([peers.code, targets.code]).toEqual([1, 1]);
  expect(peers.stderr).toMatch(/^error: cannot read \S+\/innervisor\/peers\/lab\.json without credentials: /);
  expect(targets.stderr).toMatch(/^error: cannot list targets at Prometheus \S+: /);
  await Promise.all([stack.s3.restart(), stack.prometheus.restart()]);
  await eventually(async () => (await innervisor('peers', 'lab')).code === 0, life.patience('S3 to be back'));
});
