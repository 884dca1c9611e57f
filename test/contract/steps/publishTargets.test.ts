import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startPrometheus, type PrometheusServer } from '../../../lab/servers/index.ts';
import { createFilePublisher } from '../../../src/activities/publication/file.ts';
import { writeTargetGroups } from '../../../src/prometheus/fileSd.ts';
import { eventually } from '../../support/await.ts';
import { addJob, createPublishedRegion, type PublishedRegion } from './targetsOfTest.ts';
import { createWorld, failureOf, startServers, type Servers, type World } from './world.ts';

const SHORT_MS = 1_000;
const PICKED_UP_MS = 60_000;

let servers: Servers;
let prometheus: PrometheusServer;
let world: World;
let region: PublishedRegion;
let path: string;

beforeAll(async () => {
  servers = await startServers();
  ({ prometheus } = servers);
}, 600_000);
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
  region = createPublishedRegion(world);
  path = region.pathAt(prometheus);
});
afterEach(async () => {
  await rm(path, { force: true });
  await world.close();
});

async function publish(probeIds: readonly string[], labels: Readonly<Record<string, string>> = {}) {
  return await region.publish(region.groups(probeIds, labels), { replicas: [region.replica(prometheus)] });
}

async function refusal(probeIds: readonly string[], replicas = [region.replica(prometheus)]) {
  const attempt = region.publish(region.groups(probeIds), { replicas }, SHORT_MS);
  const { type, nonRetryable, message } = await failureOf(attempt, []);
  return { type, terminal: nonRetryable === true, message };
}

async function until(probeIds: readonly string[]): Promise<void> {
  await eventually(async () => (await region.discovered(prometheus)).join() === probeIds.join(), {
    timeoutMs: PICKED_UP_MS,
    describe: `Prometheus to have ${probeIds.join() || 'nothing'}`,
  });
}

describe('publishing targets', () => {
  test('ends when Prometheus has exactly them, and writes nothing when nothing has changed', async () => {
    expect(await publish(['0000000a', '0000000b'])).toEqual({ written: true, targets: 4 });
    expect(await region.discovered(prometheus)).toEqual(['0000000a', '0000000b']);
    expect(await publish(['0000000a', '0000000b'])).toEqual({ written: false, targets: 4 });

    expect(await publish([])).toEqual({ written: true, targets: 0 });
    expect(await region.discovered(prometheus)).toEqual([]);
  });

  test('waits also for a label that has changed, since a label never lies', async () => {
    await publish(['0000000a'], { rack: 'one' });

    await publish(['0000000a'], { rack: 'two' });

    const targets = await world.deps.publication.replicas[0]?.prometheus.listActiveTargets();
    const racks = targets?.filter(({ labels }) => labels['region'] === region.owner.region);
    expect(racks?.map(({ labels }) => labels['rack'])).toEqual(['two', 'two']);
  });

  test('does not mind another installation that has a region of the same name', async () => {
    const other = join(prometheus.targetsDir, `${region.owner.region}-other.json`);
    const theirs = region.groups(['0000000f']).map(({ targets, labels }) => ({
      targets,
      labels: { ...labels, __meta_innervisor_installation: 'other' },
    }));
    await writeTargetGroups(other, theirs);
    await until(['0000000f']);

    expect(await publish(['0000000a'])).toMatchObject({ targets: 2 });
    await rm(other);
  });

  test('that no job reads fails, and says what has to read them', async () => {
    const elsewhere = join(prometheus.dir, 'elsewhere.json');
    const replica = region.replica(prometheus, createFilePublisher(elsewhere, region.owner));

    const { type, terminal, message } = await refusal(['0000000a'], [replica]);

    expect({ type, terminal }).toEqual({ type: 'timeout', terminal: false });
    expect(message).toContain(`Prometheus ${new URL(prometheus.url).host}`);
    expect(message).toContain('no scrape pool has any of the 2');
    expect(message).toContain(`file_sd_configs reads ${elsewhere}`);
  });
});

describe('a file that somebody else has changed', () => {
  test('is written again if it was removed, or emptied to a list of nothing', async () => {
    await publish(['0000000a']);
    await rm(path);
    await until([]);
    expect(await publish(['0000000a'])).toMatchObject({ written: true });

    await writeFile(path, '[]\n');
    await until([]);
    expect(await publish(['0000000a'])).toMatchObject({ written: true });
    expect(await region.discovered(prometheus)).toEqual(['0000000a']);
  });

  test.each(['', '[{'])(
    'is refused as long as it holds %j, and Prometheus keeps its targets',
    async (text) => {
      await publish(['0000000a']);
      await writeFile(path, text);

      const { type, terminal, message } = await refusal(['0000000b']);

      expect({ type, terminal }).toEqual({ type: 'malformedDocument', terminal: true });
      expect(message).toContain(path);
      expect(await readFile(path, 'utf8')).toBe(text);
      expect(await region.discovered(prometheus)).toEqual(['0000000a']);
    },
  );

  test.each([
    ['region', { region: 'paris' }],
    ['installation', { __meta_innervisor_installation: 'staging' }],
  ])('is left as it is if it belongs to another %s', async (_what, labels) => {
    await writeTargetGroups(
      path,
      region.groups(['0000000f']).map((group) => ({ ...group, labels: { ...group.labels, ...labels } })),
    );
    const before = await readFile(path, 'utf8');

    const { type, terminal, message } = await refusal(['0000000a']);

    expect({ type, terminal }).toEqual({ type: 'claimedByAnother', terminal: true });
    expect(message).toContain(JSON.stringify(Object.values(labels)[0]));
    expect(message).toContain(`regions.${region.owner.region}.prometheus.publish`);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  test('is taken over if an earlier version wrote it, without saying for whom', async () => {
    const unmarked = region.groups(['0000000a']).map(({ targets, labels }) => {
      const { __meta_innervisor_installation: _, ...rest } = labels;
      return { targets, labels: rest };
    });
    await writeTargetGroups(path, unmarked);

    expect(await publish(['0000000a'])).toEqual({ written: true, targets: 2 });
  });

  test('and that Prometheus then can not let go of is noticed, and goes with a restart', async () => {
    await publish(['0000000a']);
    await writeFile(path, '[{');
    await prometheus.reload();
    await rm(path);
    const replicas = [region.replica(prometheus)];

    const stuck = await failureOf(region.publish([], { replicas, reload: true }, 12_000), []);
    await prometheus.crash();
    await prometheus.restart();

    expect(stuck).toMatchObject({ type: 'timeout' });
    expect(stuck.message).toContain('0 missing, 2 too many');
    expect(stuck.message).toContain('restart Prometheus');
    expect(await region.publish([], { replicas })).toEqual({ written: false, targets: 0 });
  });
});

test('a folder that nobody may write to is named, and is tried again', async () => {
  const replica = region.replica(prometheus, createFilePublisher('/sys/luxembourg.json', region.owner));

  const { type, terminal, message } = await refusal(['0000000a'], [replica]);

  expect({ type, terminal }).toEqual({ type: 'unavailable', terminal: false });
  expect(message).toContain('/sys/luxembourg.json');
  expect(message).toContain('check the directory');
});

describe('a Prometheus with several jobs', () => {
  let own: PrometheusServer;
  beforeEach(async () => {
    own = await startPrometheus();
    path = region.pathAt(own);
  });
  afterEach(() => own.stop());

  test('may share the targets between them by relabelling', async () => {
    const files = { file_sd_configs: [{ files: [join(own.targetsDir, '*.json')], refresh_interval: '1s' }] };
    const keep = { source_labels: ['exporter'], regex: 'ping', action: 'keep' };
    await addJob(own, { job_name: 'ping-only', ...files, relabel_configs: [keep] });

    const published = await region.publish(region.groups(['0000000a']), { replicas: [region.replica(own)] });

    expect(published).toEqual({ written: true, targets: 2 });
  });

  test('of which one reads something older is named with that job', async () => {
    const copy = join(own.dir, 'copy.json');
    const replicas = [region.replica(own)];
    await region.publish(region.groups(['0000000a']), { replicas });
    await copyFile(path, copy);
    await addJob(own, { job_name: 'stale', file_sd_configs: [{ files: [copy], refresh_interval: '1s' }] });
    await eventually(
      async () => (await replicas[0]?.prometheus.listActiveTargets({ scrapePool: 'stale' }))?.length === 2,
      { timeoutMs: PICKED_UP_MS, describe: 'the other job to have its targets' },
    );

    const more = region.publish(region.groups(['0000000a', '0000000b']), { replicas }, 15_000);

    const { type, message } = await failureOf(more, []);
    expect(type).toBe('timeout');
    expect(message).toContain('2 missing, 0 too many');
    expect(message).toContain('in scrape pool stale, but not in another');
  });
});
