import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { expect } from 'vitest';
import { parse, stringify } from 'yaml';
import { startOwned } from '../../../lab/servers/process.ts';
import { command, type CommandResult } from '../../../lab/stack/command.ts';
import { startStack, type Stack, type StackAddresses } from '../../../lab/stack/index.ts';
import { ensureTools } from '../../../lab/tools/index.ts';
import { SimCloud } from '../../simulation/simCloud.ts';
import { readDocPage } from '../../support/docPage.ts';
import { installPackage, type Installed } from './install.ts';

/** A machine on the first day: with the installed program, what the getting-started page says is needed, and no more. */
export interface DayOne extends AsyncDisposable {
  readonly cloud: SimCloud;
  readonly stack: Stack;
  readonly installed: Installed;
  /** What stands for `/etc/innervisor`, with the configuration of the page. */
  readonly folder: string;
  /** What a person has set before the first command. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a line of a page as it stands, but in this folder, and expects its exit code. */
  run(line: string, code?: number): Promise<CommandResult>;
  /** Starts what a line of a page starts; it is stopped at the end. */
  start(line: string): Promise<void>;
  /** How many probes there are. */
  countProbes(): Promise<number>;
}

/** As the page makes them. */
const PROBE_RULES = [
  { protocol: 'tcp', port: 9100 },
  { protocol: 'tcp', port: 9374 },
  { protocol: 'icmp', members: true },
] as const;

/** Installs the package, and starts the servers around a cloud of so many hypervisors; no worker, and no key of peers yet. */
export async function openDayOne(hypervisors: number): Promise<DayOne> {
  await using starting = new AsyncDisposableStack();
  const installed = starting.use(await installPackage());
  const { folder, program } = installed;
  const securityGroups = { probe: PROBE_RULES };
  const cloud = starting.adopt(await SimCloud.open({ hypervisors, securityGroups }), (opened) =>
    opened.close(),
  );
  starting.adopt(await cloud.startGuests(), (guests) => guests.stop());
  const [yaml = ''] = (await readDocPage('getting-started.md')).yaml;
  const renderConfig = (addresses: StackAddresses): string =>
    configOf(yaml, { ...addresses, signingKeyPath: join(folder, 'peers.key') });
  let config = '';
  const stack = starting.use(
    await startStack({
      cloudsYaml: cloud.cloudsYaml,
      program,
      renderConfig: (addresses) => (config = renderConfig(addresses)),
    }),
  );
  // Only the one that the page starts is to do the work.
  await stack.worker.stop();
  await writeFile(join(folder, 'innervisor.yaml'), config);
  const { temporal } = await ensureTools(['temporal']);
  const env = {
    ...installed.env,
    PATH: [installed.env['PATH'], dirname(temporal)].join(delimiter),
    TEMPORAL_ADDRESS: stack.temporal.address,
    AWS_ACCESS_KEY_ID: stack.s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: stack.s3.secretAccessKey,
    OS_CLIENT_CONFIG_FILE: cloud.cloudsYaml,
    INNERVISOR_CONFIG: join(folder, 'innervisor.yaml'),
    NO_COLOR: '1',
  };
  const here = (line: string): string => line.replaceAll('/etc/innervisor', folder);
  const held = starting.move();
  return {
    cloud,
    stack,
    installed,
    folder,
    env,
    run: async (line, code = 0) => {
      const result = await command('sh', ['-c', here(line)], { cwd: installed.home, env });
      expect(result, `${line}\n${result.stdout}\n${result.stderr}`).toMatchObject({ code });
      return result;
    },
    start: async (line) => {
      const place = await mkdtemp(join(folder, 'started-'));
      held.adopt(await startOwned('sh', ['-c', `exec ${here(line)}`], place, env), (process) =>
        process.stop(),
      );
    },
    countProbes: async () => (await cloud.listServers()).length,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** The page's own configuration, with what this machine has in place of what the page names, and in less time. */
function configOf(yaml: string, addresses: StackAddresses): string {
  const here = yaml
    .replaceAll('https://s3.example.net', addresses.s3Endpoint)
    .replace('https://prom.example.net', addresses.prometheusUrl)
    .replace('https://am.example.net', addresses.alertmanagerUrl)
    .replace('/etc/prometheus/innervisor/luxembourg.json', addresses.targetsPath)
    .replace('/etc/innervisor/peers.key', addresses.signingKeyPath)
    .replace('cloud: luxembourg', 'cloud: prober');
  const config = parse(here) as { regions: { luxembourg: { alertmanager: object; openstack: object } } };
  const { luxembourg } = config.regions;
  Object.assign(luxembourg.alertmanager, { rulesRangeSeconds: 5 });
  Object.assign(luxembourg.openstack, { pollMs: 500 });
  return stringify({ ...config, worker: { listen: null } });
}

/** The rights of a file, as `ls` counts them. */
export async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}
