import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Launched } from '../../lab/servers/launch.ts';
import type { OwnedProcess } from '../../lab/servers/process.ts';
import { freePorts } from '../../lab/servers/port.ts';
import { startTemporal, type TemporalServer } from '../../lab/servers/temporal.ts';
import { ensureTools } from '../../lab/tools/index.ts';
import { parseConfig } from '../../src/config/index.ts';
import { SimCloud } from '../simulation/simCloud.ts';
import { eventually } from '../support/await.ts';
import { runInnervisor } from '../support/innervisor.ts';
import { readCompose, readEnvExample, ROOT, type Compose } from './compose.ts';
import {
  environmentOf,
  fillIn,
  placeFile,
  startS3,
  startWatcher,
  startWorker,
  type Places,
} from './processes.ts';

const run = promisify(execFile);
const stack = new AsyncDisposableStack();
let folder: string;
let compose: Compose;
let values: ReadonlyMap<string, string>;
let s3: Launched;
let temporal: TemporalServer;

/** The servers of the stack as processes, by the command lines, environments and files that containers get. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'innervisor-deploy-'));
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  ({ compose } = await readCompose());
  values = fillIn(await readEnvExample());
  s3 = stack.use(await startS3(compose, values));
  temporal = stack.use(await startTemporal());
});
afterAll(async () => stack.disposeAsync());

/** Runs a script of `deploy` as the service of that name does. */
async function runScript(service: string, script: string, more: Readonly<Record<string, string>>) {
  const { environment = {} } = compose.services[service] ?? {};
  const env = { ...process.env, ...environmentOf(environment, values), ...more };
  return await run('sh', [join(ROOT, 'deploy', script)], { env });
}

test('Prometheus and Alertmanager take their configurations', async () => {
  const { promtool, amtool } = await ensureTools(['promtool', 'amtool']);

  const prometheus = await run(promtool, ['check', 'config', join(ROOT, 'deploy/prometheus/prometheus.yml')]);
  const alertmanager = await run(amtool, [
    'check-config',
    join(ROOT, 'monitoring/alertmanager/alertmanager.yml'),
  ]);

  expect(prometheus.stdout).toContain('SUCCESS');
  expect(alertmanager.stdout).toContain('SUCCESS');
});

test('the scripts are sound', async () => {
  const { shellcheck } = await ensureTools(['shellcheck']);
  const scripts = (await readdir(join(ROOT, 'deploy'), { recursive: true })).filter((file) =>
    /\.sh$/.test(file),
  );

  expect(scripts).toHaveLength(4);
  const all = [...scripts, join(import.meta.dirname, 'engine', 'container.sh')];
  await expect(run(shellcheck, all, { cwd: join(ROOT, 'deploy') })).resolves.toBeDefined();
});

test.each(['innervisor.yaml', 'lab/innervisor.yaml'])('the workers take %s', async (name) => {
  const text = await readFile(join(ROOT, 'deploy', name), 'utf8');

  expect(() => parseConfig(text, name)).not.toThrow();
});

test('the bucket is made once, and only the lists of peers in it can be read by everybody', async () => {
  await runScript('s3-setup', 's3/setup.sh', { S3_ENDPOINT: s3.url });
  await runScript('s3-setup', 's3/setup.sh', { S3_ENDPOINT: s3.url });

  // What may be read and isn't there is absent; what may not be read is refused.
  expect((await fetch(`${s3.url}/innervisor/peers/lab.json`)).status).toBe(404);
  expect((await fetch(`${s3.url}/innervisor/passes/lab/plan.json`)).status).toBe(403);
});

test('wrong keys are told with what to look at', async () => {
  const wrong = { S3_ENDPOINT: s3.url, S3_SECRET_KEY: 'wrong' };

  await expect(runScript('s3-setup', 's3/setup.sh', wrong)).rejects.toThrow(/status 403; look at its log/);
});

test('the namespace is made once', async () => {
  const { temporal: binary } = await ensureTools(['temporal']);
  const PATH = `${dirname(binary)}${delimiter}${process.env['PATH'] ?? ''}`;
  const more = { PATH, TEMPORAL_ADDRESS: temporal.address, NAMESPACE: 'made' };

  await runScript('temporal-namespace', 'temporal/namespace.sh', more);
  await runScript('temporal-namespace', 'temporal/namespace.sh', more);

  const described = ['operator', 'namespace', 'describe', '--namespace', 'made', '--output', 'json'];
  const { stdout } = await run(binary, [...described, '--address', temporal.address]);
  expect(JSON.parse(stdout)).toMatchObject({ config: { workflowExecutionRetentionTtl: '2592000s' } });
});

test('of two workers one is killed in the middle of a pass, and the pass ends', async () => {
  await runScript('s3-setup', 's3/setup.sh', { S3_ENDPOINT: s3.url });
  await run(process.execPath, [join(ROOT, 'scripts', 'package.ts')]);
  const cloud = await SimCloud.open();
  stack.defer(() => cloud.close());
  const guests = await cloud.startGuests();
  stack.defer(() => guests.stop());
  const places = await startRegion(cloud);
  const workers: OwnedProcess[] = [];
  const ports = await freePorts(2);
  for (const [index, port] of ports.entries()) {
    const own: Places = [...places, ['0.0.0.0:9465', `127.0.0.1:${port}`]];
    const place = join(folder, `worker-${index + 1}`);
    workers.push(stack.adopt(await startWorker(compose, values, place, own), (one) => one.stop()));
  }
  const [first] = workers;
  for (const port of ports)
    await eventually(() => checkHealth(port), {
      timeoutMs: 60_000,
      describe: `the worker at ${port} to be ready`,
    });
  await cloud.setFault('cmp001', { spawn_delay: 5 });

  const pass = runInnervisor(['reconcile', 'lab', '--output', 'json'], {
    configPath: join(folder, 'worker-1', 'lab-innervisor.yaml'),
    env: { TEMPORAL_ADDRESS: temporal.address },
  });
  await eventually(async () => (await cloud.listServers()).length > 0, {
    timeoutMs: 60_000,
    describe: 'probes to be made',
  });
  await first?.kill();

  const { code, stdout, stderr } = await pass;
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'converged', created: 6, verified: 6 });
});

/** Starts what watches the region of the profile `lab`, and says where everything of the stack is on this machine. */
async function startRegion({ cloudsYaml }: SimCloud): Promise<Places> {
  const targets = join(folder, 'targets');
  await mkdir(targets);
  const shared: Places = [['/var/lib/innervisor/targets', targets]];
  const alertmanager = stack.use(
    await startWatcher(
      'alertmanager',
      compose,
      await placeFile(folder, 'alertmanager/alertmanager.yml', [], 'monitoring'),
    ),
  );
  const watched: Places = [...shared, ['alertmanager:9093', new URL(alertmanager.url).host]];
  const prometheus = stack.use(
    await startWatcher('prometheus', compose, await placeFile(folder, 'prometheus/prometheus.yml', watched)),
  );
  const key = join(folder, 'peers.key');
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(key, pem, { mode: 0o600 });
  const authUrl = /auth_url: (\S+)/.exec(await readFile(cloudsYaml, 'utf8'))?.[1] ?? '';
  const places: Places = [
    ...watched,
    ['prometheus:9090', new URL(prometheus.url).host],
    ['s3:7070', new URL(s3.url).host],
    ['temporal:7233', temporal.address],
    ['http://lab:5000/v3', authUrl],
    ['10.77.0.0/16', '127.0.0.0/8'],
    ['/run/secrets/peers.key', key],
  ];
  const clouds = await placeFile(folder, 'lab/clouds.yaml', places);
  return [...places, ['/run/secrets/clouds.yaml', clouds]];
}

/** Asks a worker as the stack's health check does. */
async function checkHealth(port: number): Promise<boolean> {
  const [, program = '', ...args] = compose.services['worker-1']?.healthcheck?.test ?? [];
  await run(
    program,
    args.map((arg) => arg.replace(':9465', `:${port}`)),
  );
  return true;
}
