import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startPrometheus, type PrometheusServer } from '../../lab/servers/index.ts';
import { ensureTools } from '../../lab/tools/index.ts';
import { createPrometheusClient, type PrometheusClient } from '../../src/prometheus/client.ts';
import { writeTargetGroups } from '../../src/prometheus/fileSd.ts';

/** The first start on a machine fetches the tools, and builds one of them. */
const FIRST_START_MS = 600_000;

/** The job whose targets come from files. */
const JOB = 'innervisor';

/** Prometheus looks at changed files at most every 5 s. */
const PICKED_UP = { timeout: 40_000, interval: 200 };

let server: PrometheusServer;
let client: PrometheusClient;

beforeAll(async () => {
  server = await startPrometheus();
  client = aClient(server.url);
}, FIRST_START_MS);

afterAll(() => server.stop());

function aClient(url: string): PrometheusClient {
  return createPrometheusClient({ url, auth: { kind: 'none' }, requestTimeoutMs: 5_000 });
}

async function listInstances(scrapePool: string): Promise<readonly string[]> {
  const targets = await client.listActiveTargets({ scrapePool });
  return targets.map(({ labels }) => labels['instance'] ?? '').toSorted();
}

describe('file service discovery', () => {
  test('a published document is picked up without a reload, and an empty one clears it', async () => {
    const path = server.targetsPath;
    const labels = { region: 'luxembourg', hypervisor: 'cmp-1' };

    await writeTargetGroups(path, [{ targets: ['127.0.0.1:1', '127.0.0.1:2'], labels }]);
    await expect.poll(() => listInstances(JOB), PICKED_UP).toEqual(['127.0.0.1:1', '127.0.0.1:2']);
    await expect
      .poll(() => client.listActiveTargets({ scrapePool: JOB }), PICKED_UP)
      .toMatchObject([
        { health: 'down', labels, lastScrape: expect.any(String), lastError: expect.stringMatching(/./) },
        { health: 'down', discoveredLabels: { __address__: expect.any(String) } },
      ]);
    await writeTargetGroups(path, []);

    await expect.poll(() => listInstances(JOB), PICKED_UP).toEqual([]);
  }, 120_000);

  test('what we render is what promtool calls good', async () => {
    const path = join(server.targetsDir, 'checked.json');
    await writeTargetGroups(path, [{ targets: ['[2001:db8::1]:9100'], labels: { region: 'люксембург' } }]);
    const args = ['check', 'config', server.configPath];
    const { promtool } = await ensureTools(['promtool']);

    const { stdout } = await promisify(execFile)(promtool, args, { cwd: server.dir });

    expect(stdout).toContain('SUCCESS');
  });
});

test('only the targets of the scrape pool that was asked for are listed', async () => {
  const path = join(server.targetsDir, 'other.json');
  await writeTargetGroups(path, [{ targets: ['127.0.0.1:3'], labels: {} }]);

  await expect.poll(() => listInstances(JOB), PICKED_UP).toContain('127.0.0.1:3');
  expect(await listInstances('no such pool')).toEqual([]);
}, 60_000);

describe('an instant query', () => {
  test('gives one sample per series, numbers beyond all numbers included', async () => {
    const samples = await client.queryInstant('label_replace(vector(1), "a", "b", "", "") or vector(1 / 0)');

    expect(samples).toMatchObject([
      { labels: { a: 'b' }, value: 1 },
      { labels: {}, value: Infinity },
    ]);
    expect(await client.queryInstant('vector(0 / 0)')).toMatchObject([{ value: NaN }]);
    expect(await client.queryInstant('-1 / 0')).toMatchObject([{ labels: {}, value: -Infinity }]);
    expect(await client.queryInstant('absent_series')).toEqual([]);
  });

  test('that is wrong is refused with the reason', async () => {
    await expect(client.queryInstant('up{')).rejects.toMatchObject({
      code: 'badRequest',
      status: 400,
      message: expect.stringContaining('parse error'),
    });
  });

  test('whose result is a range is refused', async () => {
    await expect(client.queryInstant('up[5m]')).rejects.toMatchObject({ code: 'malformedResponse' });
  });
});

describe('a reload', () => {
  test('of a bad configuration fails with the reason, and a good one mends it', async () => {
    const path = server.configPath;
    const good = await readFile(path, 'utf8');

    await writeFile(path, 'scrape_configs: [{ job_name: "" }]\n');
    await expect(client.reload()).rejects.toMatchObject({
      code: 'reloadFailed',
      effect: 'unknown',
      message: expect.stringContaining('job_name is empty'),
    });
    expect(await client.getRuntimeInfo()).toMatchObject({ reloadConfigSuccess: false });
    await writeFile(path, good);
    await client.reload();

    expect(await client.getRuntimeInfo()).toMatchObject({ reloadConfigSuccess: true });
  });

  test('that is not enabled is forbidden, and the error says how to enable it', async () => {
    const locked = await startPrometheus({ lifecycle: false });
    try {
      await expect(aClient(locked.url).reload()).rejects.toMatchObject({
        code: 'forbidden',
        status: 403,
        effect: 'none',
        message: expect.stringContaining('--web.enable-lifecycle'),
      });
    } finally {
      await locked.stop();
    }
  }, 30_000);
});
