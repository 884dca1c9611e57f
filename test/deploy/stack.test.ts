import { generateKeyPairSync } from 'node:crypto';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { eventually } from '../support/await.ts';
import { readCompose, readEnvExample, ROOT, type Compose } from './compose.ts';
import { buildImages } from './engine/build.ts';
import { describeImages, type Image } from './engine/images.ts';
import { findObstacle } from './engine/obstacle.ts';
import { makeNetwork } from './engine/network.ts';
import { checkHealth, Stack } from './engine/stack.ts';
import { fillIn } from './processes.ts';

const START_TIMEOUT_MS = 600_000;
const NO_CLUSTER = 'no PostgreSQL, or no server: npm run tools -- temporal-server (some minutes)';
const NO_WEB_UI = 'no Web UI: npm run tools -- temporal-ui (ten minutes and more)';
const SERVERS = ['temporal', 's3', 'prometheus', 'alertmanager', 'worker-1', 'worker-2', 'lab'];
const RECONCILE = ['innervisor', 'reconcile', 'lab', '--output', 'json'];
const LAB_HYPERVISORS = 12;
/** Of a user that no image knows. */
const OWN_UID = 4321;

const obstacle = await findObstacle();
const ending = new AsyncDisposableStack();
let compose: Compose;
let images: Readonly<Record<string, Image>>;
let stack: Stack;

/** Every service of the stack in namespaces of its own, as Docker would start them. */
beforeAll(async () => {
  if (obstacle !== undefined) return;
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-containers-'));
  ending.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  ({ compose } = await readCompose());
  const names = Object.keys(compose.services);
  const [{ subnet = '', ip_range: range = '' } = {}] = compose.networks['default']?.ipam.config ?? [];
  const network = ending.use(await makeNetwork(folder, { subnet, range }, [...names, 'build']));
  images = await describeImages(await buildImages(folder, network));
  const values = await readValues(folder);
  stack = ending.use(new Stack({ compose, values, images, network, folder }));
  await Promise.all(names.map((name) => stack.up(name)));
}, START_TIMEOUT_MS);
afterAll(async () => ending.disposeAsync());
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle));

test('each health check tells a server that is up from one that is not', async () => {
  const watched = await listWatched();
  const now = await Promise.all(watched.map(async ({ started }) => (await checkHealth(started))?.code));

  expect(watched.map(({ name }) => name)).toEqual(expect.arrayContaining(SERVERS));
  for (const { name, started } of watched) expect(started.before?.code, name).toBeGreaterThan(0);
  expect(now).toEqual(watched.map(() => 0));
});

test('a pass makes a probe on each hypervisor of the simulated cloud', async () => {
  const { container } = await stack.get('worker-1');

  const { code, stdout, stderr } = await container.exec(...RECONCILE);

  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: 'converged',
    created: LAB_HYPERVISORS,
    verified: LAB_HYPERVISORS,
  });
});

test('Prometheus reaches all that it is to watch, and tells Alertmanager', async () => {
  const { container } = await stack.get('prometheus');
  const ask = async (path: string): Promise<unknown> =>
    JSON.parse(
      (await container.exec('wget', '-q', '-O', '-', `http://127.0.0.1:9090/api/v1/${path}`)).stdout,
    );
  const reached = await eventually(
    async () => {
      const { data } = (await ask('targets?state=active')) as {
        data: { activeTargets: { health: string; scrapeUrl: string; labels: { job: string } }[] };
      };
      const others = data.activeTargets.filter(({ health }) => health !== 'up');
      expect(others.map(({ scrapeUrl }) => scrapeUrl)).toEqual([]);
      return data.activeTargets.map(({ labels }) => labels.job);
    },
    { timeoutMs: 90_000, intervalMs: 1000, describe: 'each target to be up' },
  );
  const alertmanagers = await ask('alertmanagers');

  expect(new Set(reached)).toEqual(new Set(await listJobs()));
  expect(alertmanagers).toMatchObject({
    data: { activeAlertmanagers: [{ url: 'http://alertmanager:9093/api/v2/alerts' }] },
  });
});

test('Temporal keeps what it knows in PostgreSQL, whose schema is made once', async ({ skip }) => {
  skip(images['postgres'] === undefined, NO_CLUSTER);
  const [schema, { container: database }] = [await stack.get('temporal-schema'), await stack.get('postgres')];
  const ask = async (name: string, query: string): Promise<string> => {
    const { stdout, stderr } = await database.exec(
      ...['sh', '-c', 'PGPASSWORD=$POSTGRES_PASSWORD exec psql --host 127.0.0.1 "$@"', 'psql'],
      ...['--username', 'temporal', '--dbname', name, '--tuples-only', '--no-align', '--command', query],
    );
    return stdout.trim() || stderr;
  };
  const versions = () =>
    Promise.all(
      ['temporal', 'temporal_visibility'].map((name) => ask(name, 'select curr_version from schema_version')),
    );
  const before = await versions();

  await stack.run('temporal-schema', schema);

  expect(await versions()).toEqual(before);
  expect(before).toEqual([expect.stringMatching(/^1\.\d+$/), expect.stringMatching(/^1\.\d+$/)]);
  expect(Number(await ask('temporal', 'select count(*) from current_executions'))).toBeGreaterThan(0);
  const passes = "select count(*) from executions_visibility where workflow_id = 'region/lab'";
  expect(await ask('temporal_visibility', passes)).toBe('1');
});

test('Temporal takes the limit of ids from the file that is mounted', async ({ skip }) => {
  skip(images['postgres'] === undefined, NO_CLUSTER);
  const { container } = await stack.get('temporal-namespace');
  const start = (length: number) =>
    container.exec(
      ...['temporal', 'workflow', 'start', '--type', 'none', '--task-queue', 'none'],
      ...['--workflow-id', 'x'.repeat(length)],
    );

  expect((await start(255)).code).toBe(0);
  expect((await start(256)).stderr).toContain('length exceeds limit');
});

test('the Web UI shows the workflows that Temporal has', async ({ skip }) => {
  skip(images['temporalio/ui'] === undefined, NO_WEB_UI);
  const { container } = await stack.get('temporal-ui');
  const ask = async (path: string): Promise<string> => {
    const { stdout, stderr } = await container.exec('curl', '--silent', `http://temporal-ui:8080${path}`);
    return stdout || stderr;
  };

  expect(await ask('/')).toContain('<!doctype html>');
  expect(JSON.parse(await ask('/api/v1/namespaces/default/workflows'))).toMatchObject({
    executions: expect.arrayContaining([
      expect.objectContaining({ execution: expect.objectContaining({ workflowId: 'region/lab' }) }),
    ]),
  });
});

test('a worker and the simulated cloud end in time when they are told to', async () => {
  for (const name of ['worker-2', 'lab']) {
    const { process: running, service } = await stack.get(name);
    const graceMs = Number.parseInt(service.stop_grace_period ?? '10s', 10) * 1000;
    process.kill(running?.pid ?? 0, 'SIGTERM');
    await eventually(() => running?.isAlive() === false, {
      timeoutMs: graceMs,
      describe: `${name} to end`,
    });
  }
});

/** Those of the simulated cloud, with a key that only the workers may read. */
async function readValues(folder: string): Promise<ReadonlyMap<string, string>> {
  const key = join(folder, 'peers.key');
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(key, pem, { mode: 0o600 });
  await chown(key, OWN_UID, OWN_UID);
  return new Map([
    ...fillIn(await readEnvExample()),
    ['INNERVISOR_CONFIG', './deploy/lab/innervisor.yaml'],
    ['CLOUDS_YAML', './deploy/lab/clouds.yaml'],
    ['PEERS_KEY', key],
    ['INNERVISOR_UID', `${OWN_UID}`],
    ['INNERVISOR_GID', `${OWN_UID}`],
  ]);
}

/** The services that were started and have a health check. */
async function listWatched() {
  const all = await Promise.all(
    Object.keys(compose.services).map(async (name) => ({ name, started: await stack.up(name) })),
  );
  return all.flatMap(({ name, started }) =>
    started?.service.healthcheck === undefined ? [] : [{ name, started }],
  );
}

/** What Prometheus is to watch. */
async function listJobs(): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, 'deploy', 'prometheus', 'prometheus.yml'), 'utf8');
  const { scrape_configs: jobs } = parse(text) as {
    readonly scrape_configs: readonly { job_name: string }[];
  };
  return jobs.map(({ job_name: name }) => name);
}
