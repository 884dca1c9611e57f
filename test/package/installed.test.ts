import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import pack from '../../package.json' with { type: 'json' };
import type { OwnedProcess } from '../../lab/servers/process.ts';
import { startStack, type Stack } from '../openstack/support/stack.ts';
import type { Guests } from '../scenario/cloud.ts';
import { SimCloud } from '../simulation/simCloud.ts';
import { eventually } from '../support/await.ts';
import { installPackage, type Installed } from './support/install.ts';

const INSTALL_TIMEOUT_MS = 600_000;
/** Long enough to find out who waits for the slow probe, on a busy machine too. */
const SLOW_SECONDS = 8;
const PATIENCE_MS = 120_000;

let installed: Installed;
let cloud: SimCloud;
let stack: Stack;
let guests: Guests;
let workers: OwnedProcess[];

/** The installed program runs the workers and the commands of the test's own servers. */
beforeAll(async () => {
  installed = await installPackage();
  cloud = await SimCloud.open();
  stack = await startStack({ cloudsYaml: cloud.cloudsYaml, program: installed.program });
  guests = await cloud.startGuests();
  workers = [stack.worker, await stack.startWorker()];
}, INSTALL_TIMEOUT_MS);
afterAll(async () => {
  await using ending = new AsyncDisposableStack();
  ending.use(installed);
  ending.defer(() => cloud.close());
  ending.defer(() => stack.stop());
  ending.defer(() => guests.stop());
});

test('its help and its version are those of the checkout', async () => {
  const [help, version] = [await installed.run('--help'), await installed.run('--version')];

  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('innervisor [options] [command]');
  expect(help.stdout).toContain('worker [options]');
  expect(version.stdout).toBe(`${pack.version}\n`);
});

test('it brings the example of a configuration', async () => {
  const { code, stdout } = await installed.run('config', 'example');

  expect(code).toBe(0);
  expect(stdout).toBe(await readFile(join(import.meta.dirname, '../../examples/innervisor.yaml'), 'utf8'));
});

test('it checks a configuration, and says what is wrong in one that is', async () => {
  const wrong = join(installed.folder, 'wrong.yaml');
  await writeFile(wrong, 'installation: prod\nregion: {}\n');

  const good = await stack.innervisor('config', 'check');
  const bad = await installed.run('config', 'check', '--config', wrong);

  expect(good).toMatchObject({ code: 0, stdout: `${stack.configPath}: ok\n` });
  expect(bad.code).toBe(1);
  expect(bad.stderr).toContain('wrong.yaml:2:1 region: unknown key; did you mean regions?');
});

test('it has no demo, and says where there is one', async () => {
  const { code, stderr } = await installed.run('demo', '--once');

  expect(code).toBe(1);
  expect(stderr).toContain('the demo comes with the sources, not with the package');
  expect(stderr).toContain('npm run demo');
});

test('it brings neither a Node nor what is only bundled', async () => {
  const modules = await readdir(installed.modules);

  expect(modules).toContain('@temporalio');
  expect(modules.filter((name) => /^(node-linux-.*|zod|vitest|typescript|got)$/.test(name))).toEqual([]);
});

test('its worker makes a plan, and its command shows it', async () => {
  const { code, stdout, stderr } = await stack.innervisor('plan', 'lab', '--output', 'json');

  expect(code, stderr).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'planned', plan: { create: 6 } });
});

test('when the worker that carries out a pass is killed, another one goes on, and the pass ends', async () => {
  await cloud.setFault('cmp001', { spawn_delay: SLOW_SECONDS });
  const pass = stack.pass();
  const busy = await findBusyWorker();

  await busy.kill();

  expect(await pass).toMatchObject({ outcome: 'converged', created: 6, verified: 6 });
});

test('a worker that is told to stop leaves its step to another one and ends', async () => {
  workers.push(await stack.startWorker());
  const lost = (await cloud.listServers()).find(({ host }) => host === 'cmp001')?.id ?? '';
  await cloud.deleteServer(lost);
  await eventually(async () => (await cloud.getServer(lost)) === undefined, {
    timeoutMs: PATIENCE_MS,
    describe: 'the probe of cmp001 to be gone',
  });
  const pass = stack.pass();
  const busy = await findBusyWorker();

  process.kill(busy.pid, 'SIGTERM');

  await busy.exited;
  expect(busy.lastOutput()).toContain('"state":"STOPPED"');
  expect(await pass).toMatchObject({ outcome: 'converged', created: 1, verified: 6 });
});

/** The worker that waits for the slow probe; Temporal knows workers by their process ids. */
async function findBusyWorker(): Promise<OwnedProcess> {
  return await eventually(
    async () => {
      const { stdout } = await stack.temporalCli('workflow', 'describe', '-w', 'region/lab', '-o', 'json');
      const { pendingActivities = [] } = JSON.parse(stdout) as {
        pendingActivities?: { activityType: { name: string }; lastWorkerIdentity: string }[];
      };
      const step = pendingActivities.find(({ activityType }) => activityType.name === 'awaitProbes');
      return workers.find(({ pid }) => step?.lastWorkerIdentity.startsWith(`${pid}@`));
    },
    { timeoutMs: PATIENCE_MS, describe: 'a worker to wait for probes' },
  );
}
