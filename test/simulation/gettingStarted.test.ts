import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { startStack, type Stack, type StackAddresses } from '../../lab/stack/index.ts';
import { command, type CommandResult } from '../../lab/stack/command.ts';
import { startOwned, type OwnedProcess } from '../../lab/servers/process.ts';
import { ensureTools } from '../../lab/tools/index.ts';
import { readDocPage } from '../support/docPage.ts';
import { linkProgram } from '../support/linkProgram.ts';
import { SimCloud } from './simCloud.ts';

const [start, uninstall, readme] = await Promise.all([
  readDocPage('getting-started.md'),
  readDocPage('uninstall.md'),
  readDocPage('../README.md'),
]);
const lines = [...start.commands, ...uninstall.commands];

let folder: string;
let cloud: SimCloud;
let guests: Awaited<ReturnType<SimCloud['startGuests']>>;
let stack: Stack;
let path: string;
let worker: OwnedProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'innervisor-day-one-'));
  cloud = await SimCloud.open({
    securityGroups: {
      probe: [
        { protocol: 'tcp', port: 9100 },
        { protocol: 'tcp', port: 9374 },
        { protocol: 'icmp', members: true },
      ],
    },
  });
  guests = await cloud.startGuests();
  stack = await startStack({ cloudsYaml: cloud.cloudsYaml, renderConfig: writtenAsOnThePage });
  const { temporal } = await ensureTools(['temporal']);
  path = [await linkProgram(join(folder, 'bin')), dirname(temporal), process.env['PATH']].join(delimiter);
  await writeFile(join(folder, 'innervisor.yaml'), writtenAsOnThePage(addressesOf(stack)));
  // Only the one that the page starts is to do the work.
  await stack.worker.stop();
});
afterAll(async () => {
  await worker?.stop();
  await stack.stop();
  await guests.stop();
  await cloud.close();
  await rm(folder, { recursive: true, force: true });
});

/** The page's own configuration, with what this machine has in place of what the page names, and in less time. */
function writtenAsOnThePage({
  s3Endpoint,
  prometheusUrl,
  targetsPath,
  alertmanagerUrl,
}: StackAddresses): string {
  const text = start.yaml[0] ?? '';
  const here = text
    .replaceAll('https://s3.example.net', s3Endpoint)
    .replace('https://prom.example.net', prometheusUrl)
    .replace('https://am.example.net', alertmanagerUrl)
    .replace('/etc/prometheus/innervisor/luxembourg.json', targetsPath)
    .replace('/etc/innervisor/peers.key', join(folder, 'peers.key'))
    .replace('cloud: luxembourg', 'cloud: prober');
  const config = parse(here) as { regions: { luxembourg: { alertmanager: object; openstack: object } } };
  const { luxembourg } = config.regions;
  Object.assign(luxembourg.alertmanager, { rulesRangeSeconds: 5 });
  Object.assign(luxembourg.openstack, { pollMs: 500 });
  return stringify({ ...config, worker: { listen: null } });
}

function addressesOf({ s3, prometheus, alertmanager, bucket }: Stack): StackAddresses {
  return {
    bucket,
    s3Endpoint: s3.endpoint,
    s3Region: s3.region,
    prometheusUrl: prometheus.url,
    targetsPath: prometheus.fileSdPath,
    alertmanagerUrl: alertmanager.url,
    signingKeyPath: join(folder, 'peers.key'),
  };
}

/** What a person has set before the first command. */
function environment(): Record<string, string> {
  const { temporal, s3 } = stack;
  return {
    PATH: path,
    TEMPORAL_ADDRESS: temporal.address,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    OS_CLIENT_CONFIG_FILE: cloud.cloudsYaml,
    INNERVISOR_CONFIG: join(folder, 'innervisor.yaml'),
    NO_COLOR: '1',
  };
}

/** Runs the next command of the pages, which must begin so, with the folder of the test in place of ours. */
async function next(begin: string, code = 0): Promise<CommandResult> {
  const line = take(begin);
  const result = await command('sh', ['-c', line], { env: { ...process.env, ...environment() } });
  expect(result, `${line}\n${result.stdout}\n${result.stderr}`).toMatchObject({ code });
  return result;
}

function take(begin: string): string {
  const line = lines.shift() ?? '';
  expect(line.startsWith(begin), `${line} begins with ${begin}`).toBe(true);
  return line.replaceAll('/etc/innervisor', folder);
}

async function hostsWithProbe(): Promise<number> {
  return (await cloud.listServers()).length;
}

test('the pages lead from nothing to a region that is looked after, and back, by their commands alone', async () => {
  await next('openssl genpkey');
  await next('chmod 600');
  expect((await stat(join(folder, 'peers.key'))).mode & 0o777).toBe(0o600);
  await next('innervisor config check');
  const line = take('innervisor worker');
  worker = await startOwned(
    'sh',
    ['-c', `exec ${line}`],
    await mkdtemp(join(folder, 'worker-')),
    environment(),
  );

  expect((await next('innervisor preflight')).stdout).toContain('luxembourg: ready\n');
  expect((await next('innervisor plan', 2)).stdout).toContain('plan: create 6');
  expect((await next('innervisor reconcile')).stdout).toContain('luxembourg: converged\n');
  expect(await hostsWithProbe()).toBe(6);
  expect((await next('innervisor schedule apply')).stdout).toContain('luxembourg: created\n');
  expect((await next('innervisor verify')).stdout).toContain('luxembourg: converged\n');

  expect((await next('innervisor destroy luxembourg --dry-run', 2)).stdout).toContain(
    '- schedule  region/luxembourg',
  );
  expect((await next('innervisor destroy luxembourg --yes')).stdout).toContain('luxembourg: destroyed\n');
  expect(await hostsWithProbe()).toBe(0);

  await anew();
  await next('temporal schedule delete');
  expect((await next('temporal workflow execute')).stdout).toContain('destroyed');
  expect(await hostsWithProbe()).toBe(0);
  expect(lines).toEqual([]);
});

/** The region as before, for the other way of removing it. */
async function anew(): Promise<void> {
  const again = { env: { ...process.env, ...environment() } };
  for (const line of ['innervisor reconcile luxembourg', 'innervisor schedule apply luxembourg'])
    expect(await command('sh', ['-c', line], again)).toMatchObject({ code: 0 });
  expect(await hostsWithProbe()).toBe(6);
}

/**
 * The commands of the README by how they begin, with the codes that they end with here, where they are run one after the
 * other: with no pass to cancel, and no plan that waits for approval.
 */
const README_CODES: Readonly<Record<string, number>> = {
  'innervisor plan': 2,
  'innervisor reconcile': 0,
  'innervisor schedule apply': 0,
  'innervisor verify': 0,
  'innervisor status': 0,
  'innervisor probes list': 0,
  'innervisor cancel': 1,
  'innervisor maintenance begin': 0,
  'innervisor maintenance end': 0,
  'innervisor freeze': 0,
  'innervisor unfreeze': 0,
  'temporal workflow start': 0,
  'temporal workflow query': 0,
  'innervisor approve': 1,
  'temporal workflow signal': 1,
};

test('the commands of the README do what they say', async () => {
  const { commands } = readme;
  const own = commands
    .flatMap((block) => block.split('\n'))
    .filter((line) => /^(innervisor|temporal) /.test(line));

  const codes = new Map<string, number>();
  for (const line of own) {
    const begin = Object.keys(README_CODES).find((known) => line.startsWith(`${known} `)) ?? line;
    const result = await command('sh', ['-c', line], { env: { ...process.env, ...environment() } });
    expect(result, `${line}\n${result.stdout}\n${result.stderr}`).toMatchObject({
      code: README_CODES[begin],
    });
    codes.set(begin, result.code);
  }

  expect(Object.fromEntries(codes)).toEqual(README_CODES);
});

test('only what needs a cloud with an image store is not run', () => {
  const programs = [...start.notRun, ...uninstall.notRun].map((line) =>
    line.split(' ').slice(0, 3).join(' '),
  );

  expect(programs).toEqual([
    'npm run guest:image',
    'openstack image create',
    'openstack flavor create',
    'openstack flavor set',
    'openstack security group',
    'openstack security group',
    'openstack security group',
    'openstack security group',
    'openstack quota set',
    'openstack security group',
    'openstack flavor delete',
    'openstack image delete',
  ]);
});
