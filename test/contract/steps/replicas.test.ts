import { rm } from 'node:fs/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startPrometheus, type PrometheusServer } from '../../../lab/servers/index.ts';
import type { TargetsPublisher } from '../../../src/activities/publication/publisher.ts';
import type { Publication } from '../../../src/activities/publication/replicas.ts';
import { askFirstAnswering } from '../../../src/prometheus/firstAnswering.ts';
import { eventually } from '../../support/await.ts';
import { reply, startFakeHttp, type FakeHttp } from '../fakeHttp.ts';
import { json } from '../openstack/cloud.ts';
import { removal, replacement, storePlan } from './plans.ts';
import { createPublishedRegion, type PublishedRegion } from './targetsOfTest.ts';
import {
  createWorld,
  failureOf,
  INPUT,
  prometheusAt,
  run,
  SETTINGS,
  startServers,
  type Servers,
  type World,
} from './world.ts';

const SHORT_MS = 8_000;

let servers: Servers;
let first: PrometheusServer;
let second: PrometheusServer;
let world: World;
let region: PublishedRegion;

beforeAll(async () => {
  [servers, second] = await Promise.all([startServers(), startPrometheus()]);
  first = servers.prometheus;
}, 600_000);
afterAll(async () => {
  await servers.stop();
  await second.stop();
});
beforeEach(async () => {
  world = await createWorld(servers);
  region = createPublishedRegion(world);
});
afterEach(async () => {
  await Promise.all([first, second].map((server) => rm(region.pathAt(server), { force: true })));
  await world.close();
});

function hostOf(server: PrometheusServer): string {
  return new URL(server.url).host;
}

/** Both servers, each with a file of its own. */
function both(required: Publication['required'] = 'all'): Publication {
  return { replicas: [region.replica(first), region.replica(second)], required, reload: false };
}

/** As `both`, but what goes to the second one never gets there. */
function secondDiffers(required: Publication['required']): Publication {
  const lost: TargetsPublisher = {
    isFile: true,
    advice: 'nothing helps',
    place: 'nowhere',
    check: () => Promise.resolve('absent'),
    tryWriting: () => Promise.resolve(),
    publish: () => Promise.resolve('unchanged'),
    remove: () => Promise.resolve(),
  };
  return { ...both(required), replicas: [region.replica(first), region.replica(second, lost)] };
}

async function withoutSecond<T>(work: () => Promise<T>): Promise<T> {
  await second.crash();
  try {
    return await work();
  } finally {
    await second.restart();
  }
}

describe('publishing to two servers', () => {
  test('ends when both have exactly the targets', async () => {
    expect(await region.publish(region.groups(['0000000a']), both())).toEqual({ written: true, targets: 2 });

    expect(await region.discovered(first)).toEqual(['0000000a']);
    expect(await region.discovered(second)).toEqual(['0000000a']);
  });

  test('that read one document writes it once', async () => {
    let writes = 0;
    const replica = region.replica(first);
    const publisher: TargetsPublisher = {
      ...replica.publisher,
      publish: (groups, signal) => {
        writes += 1;
        return replica.publisher.publish(groups, signal);
      },
    };

    await region.publish(region.groups(['0000000a']), {
      replicas: [
        { ...replica, publisher },
        { ...replica, publisher },
      ],
    });

    expect(writes).toBe(1);
  });

  test('of which one differs fails and names it where all are required', async () => {
    const attempt = region.publish(region.groups(['0000000a']), secondDiffers('all'), SHORT_MS);

    const { type, nonRetryable, message } = await failureOf(attempt, []);
    expect({ type, terminal: nonRetryable === true }).toEqual({ type: 'timeout', terminal: false });
    expect(message).toContain(`Prometheus ${hostOf(second)} does not have the published targets`);
    expect(message).not.toContain(hostOf(first));
  });

  test('of which one differs only reports it where any is enough', async () => {
    const published = await region.publish(region.groups(['0000000a']), secondDiffers('any'), SHORT_MS);

    expect(published).toMatchObject({ written: true, targets: 2 });
    expect(published.unequal).toEqual([
      { replica: hostOf(second), difference: 'no scrape pool has any of the 2' },
    ]);
  });

  test('that both differ fails even where any is enough', async () => {
    const { replicas } = secondDiffers('any');
    const lost = replicas.map((replica) => ({
      ...replica,
      publisher: replicas[1]?.publisher ?? replica.publisher,
    }));

    const attempt = region.publish(region.groups(['0000000a']), { replicas: lost, required: 'any' }, 500);

    expect((await failureOf(attempt, [])).message).toContain(`Prometheus ${hostOf(first)} does not`);
  });

  test('of which one is down fails at once and names it where all are required', async () => {
    const attempt = withoutSecond(() => region.publish(region.groups(['0000000a']), both()));

    const { type, message } = await failureOf(attempt, []);
    expect(type).toBe('unavailable');
    expect(message).toContain(`Prometheus ${hostOf(second)}`);
  });

  test('of which one is down reports it and does not wait for it where any is enough', async () => {
    const published = await withoutSecond(() => region.publish(region.groups(['0000000a']), both('any')));

    expect(published).toMatchObject({ written: true, targets: 2 });
    expect(published.unequal).toEqual([
      { replica: hostOf(second), difference: expect.stringContaining(`Prometheus ${hostOf(second)}`) },
    ]);
  });
});

describe('the first step', () => {
  test('goes on without a server that is down only where any is enough', async () => {
    const list = (publication: Publication) => run(world.activities({ publication }).listInventory, INPUT);

    const outcomes = await withoutSecond(() => Promise.allSettled([list(both('all')), list(both('any'))]));

    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { type: 'unavailable' } },
      { status: 'fulfilled' },
    ]);
  });
});

describe('deleting', () => {
  /** What the step says to the removal of a probe that the second server still scrapes; nothing of it is in the cloud. */
  async function deleting(publication: Publication) {
    const plan = await storePlan(world, removal('0000000d'));
    const steps = world.activities({ region: region.owner.region, publication });
    await run(steps.openSilences, { ...INPUT, plan, proof: null });
    return run(steps.deleteProbes, { ...INPUT, plan, proof: null });
  }

  beforeEach(async () => {
    await region.publish(region.groups(['0000000d']), { replicas: [region.replica(second)] });
  });

  test('waits for the server that still scrapes the probe, and names it', async () => {
    const { type, message } = await failureOf(deleting(both('all')), []);

    expect(type).toBe('conflict');
    expect(message).toContain(`0000000d isn't deleted: Prometheus ${hostOf(second)} still scrapes it`);
  });

  test('needs the word of every server where all are required', async () => {
    const { type, message } = await failureOf(
      withoutSecond(() => deleting(both('all'))),
      [],
    );

    expect(type).toBe('unavailable');
    expect(message).toContain(`Prometheus ${hostOf(second)}`);
  });

  test('goes on where any is enough and one has let go', async () => {
    const error = { code: 404, message: 'Instance could not be found.' };
    world.cloud.on('GET', '/v2.1/servers/server-0000000d', json(404, { itemNotFound: error }));

    expect(await deleting(both('any'))).toMatchObject({ deleted: 1, failures: [] });
  });

  test('waits where any is enough and none of those that answer has let go', async () => {
    const replicas = [region.replica(second), region.replica(second)];

    const { message } = await failureOf(deleting({ ...both('any'), replicas }), []);

    expect(message).toContain('still scrapes it');
  });
});

describe('a successor that only one of two servers can reach', () => {
  const NEW = '0000000b';
  const series = 'node_cpu_seconds_total 1\n';
  let exporter: FakeHttp;

  beforeEach(async () => {
    exporter = await startFakeHttp(reply(200, series, { 'content-type': 'text/plain' }));
    await Promise.all([
      region.publish(nodeAt(new URL(exporter.url).host), { replicas: [region.replica(first)] }),
      region.publish(nodeAt('127.0.0.1:9'), { replicas: [region.replica(second)] }),
    ]);
  });
  afterEach(() => exporter.stop());

  function nodeAt(address: string) {
    const [group] = region.groups([NEW]);
    return [{ targets: [address], labels: group?.labels ?? {} }];
  }

  async function prove(required: Publication['required']) {
    const { proveReplacements } = world.activities({
      region: region.owner.region,
      publication: both(required),
      wait: { ...SETTINGS.wait, verifyMs: SHORT_MS },
    });
    const plan = await storePlan(world, replacement('0000000a', NEW, 'make-before-break'));
    const targets = await world.artifact('targets', nodeAt('127.0.0.1:9'));
    return await run(proveReplacements, { ...INPUT, plan, targets, sinceMs: Date.now() });
  }

  test('isn’t proven where all are required, and the one that can’t is named', async () => {
    const { proven, failures } = await prove('all');

    expect(proven).toBe(0);
    expect(failures).toMatchObject([{ probeId: NEW, step: 'answer', kind: 'timeout' }]);
    expect(failures[0]?.message).toContain(`don’t answer to Prometheus ${hostOf(second)};`);
  });

  test('is proven where any is enough', async () => {
    expect(await prove('any')).toMatchObject({ proven: 1, failures: [] });
  });
});

describe('ending silences', () => {
  test('waits while a server other than the first one can still alert about the probe', async () => {
    await region.publish(region.groups(['0000000e']), { replicas: [region.replica(second)] });
    const steps = world.activities({ region: region.owner.region, publication: both() });
    const plan = await storePlan(world, removal('0000000e'));
    await run(steps.openSilences, { ...INPUT, plan, proof: null });
    const { prometheus } = region.replica(second);
    await eventually(async () => (await prometheus.queryInstant('up{probe_id="0000000e"}')).length > 0, {
      describe: 'the second server to have series of the probe',
    });

    expect(await run(steps.expireSilences, INPUT)).toEqual({ changed: 0, left: 2 });

    // Nothing but the first server is asked now, and that one knows nothing of the probe.
    const alone = { ...both(), replicas: [region.replica(first)] };
    const forgetful = world.activities({ region: region.owner.region, publication: alone });
    expect((await run(forgetful.expireSilences, INPUT)).changed).toBeGreaterThan(0);
  });
});

describe('questions about series', () => {
  test('go to the first server that answers', async () => {
    const url = 'http://127.0.0.1:9';
    const asked = askFirstAnswering([prometheusAt(url), prometheusAt(second.url)]);

    expect(await asked.queryInstant('vector(7)')).toMatchObject([{ value: 7 }]);
    await expect(asked.queryInstant('no such (')).rejects.toMatchObject({ code: 'badRequest' });
    await expect(askFirstAnswering([prometheusAt(url)]).queryInstant('vector(1)')).rejects.toThrow(
      /127\.0\.0\.1:9/,
    );
  });
});
