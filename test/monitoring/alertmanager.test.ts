import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startAlertmanager, type AlertmanagerServer } from '../../lab/servers/alertmanager.ts';
import { ensureTools } from '../../lab/tools/index.ts';
import { listAlerts } from '../../monitoring/prometheus/render.ts';
import { eventually } from '../support/await.ts';

const CONFIG = fileURLToPath(new URL('../../monitoring/alertmanager/alertmanager.yml', import.meta.url));
const Alerts = z.array(
  z.object({
    labels: z.looseObject({ alertname: z.string() }),
    status: z.object({ inhibitedBy: z.array(z.string()), silencedBy: z.array(z.string()) }),
  }),
);

type Labels = Readonly<Record<string, string>>;

let server: AlertmanagerServer;
beforeAll(async () => {
  server = await startAlertmanager({ config: await readFile(CONFIG, 'utf8') });
});
afterAll(() => server.stop());

async function amtool(...args: readonly string[]): Promise<string> {
  const { amtool: program } = await ensureTools(['amtool']);
  return (await promisify(execFile)(program, args)).stdout;
}

/** An alert as the rules make it, of one region for each test. */
function anAlert(region: string, name: string, more: Labels = {}): Labels {
  const rule = listAlerts().find(({ alert }) => alert === name);
  if (rule === undefined) throw new Error(`there is no alert ${name}`);
  const { severity, scope, signal, labels } = rule;
  return { alertname: name, severity, scope, signal, ...labels, region, ...more };
}

/** Sends alerts, and gives the names of those that nobody is told of. */
async function findQuiet(region: string, alerts: readonly Labels[]): Promise<readonly string[]> {
  await post(
    'alerts',
    alerts.map((labels) => ({ labels })),
  );
  const seen = await eventually(
    async () => {
      const own = (await listSeen()).filter(({ labels }) => labels['region'] === region);
      return own.length === alerts.length ? own : undefined;
    },
    { describe: 'the alerts to be taken' },
  );
  return seen
    .filter(({ status }) => status.inhibitedBy.length > 0 || status.silencedBy.length > 0)
    .map(({ labels }) => labels.alertname)
    .toSorted();
}

async function listSeen(): Promise<z.output<typeof Alerts>> {
  return Alerts.parse(await (await fetch(`${server.url}/api/v2/alerts`)).json());
}

async function post(path: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/api/v2/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

const on = (name: string): Labels => ({
  availability_zone: name.slice(0, 1),
  hypervisor: name,
  probe_id: `id-${name}`,
});

test('Alertmanager takes the configuration', async () => {
  expect(await amtool('check-config', CONFIG)).toContain('SUCCESS');
});

test.each([
  ['critical', 'on-call'],
  ['warning', 'team'],
  ['info', 'nobody'],
])('what is %s goes to %s', async (severity, receiver) => {
  const route = ['config', 'routes', 'test', `--config.file=${CONFIG}`];

  expect(await amtool(...route, `severity=${severity}`, 'region=lab')).toBe(`${receiver}\n`);
});

test('a region goes before its zones and hypervisors, of the same signal and the same fault', async () => {
  const quiet = await findQuiet('wide', [
    anAlert('wide', 'InnervisorRegionPublicLoss'),
    anAlert('wide', 'InnervisorZonePublicLoss', { availability_zone: 'a' }),
    anAlert('wide', 'InnervisorHypervisorPublicLoss', on('a1')),
    anAlert('wide', 'InnervisorHypervisorSteal', on('a1')),
  ]);

  expect(quiet).toEqual(['InnervisorHypervisorPublicLoss', 'InnervisorZonePublicLoss']);
});

test('a zone goes before its own hypervisors, and not before those of another zone or region', async () => {
  const quiet = await findQuiet('zones', [
    anAlert('zones', 'InnervisorZoneSteal', { availability_zone: 'a' }),
    anAlert('zones', 'InnervisorHypervisorSteal', on('a1')),
    anAlert('zones', 'InnervisorHypervisorSteal', on('b1')),
  ]);
  const elsewhere = await findQuiet('elsewhere', [
    anAlert('elsewhere', 'InnervisorHypervisorSteal', on('a1')),
  ]);

  expect(quiet).toEqual(['InnervisorHypervisorSteal']);
  expect(elsewhere).toEqual([]);
});

test('a slow storage class goes before the disks of that class alone', async () => {
  const quiet = await findQuiet('disks', [
    anAlert('disks', 'InnervisorStorageClassSlow', { storage_class: 'rbd' }),
    anAlert('disks', 'InnervisorHypervisorDiskSlow', {
      ...on('a1'),
      storage_class: 'rbd',
      operation: 'read',
    }),
    anAlert('disks', 'InnervisorHypervisorDiskStuck', {
      ...on('a2'),
      storage_class: 'local',
      operation: 'read',
    }),
  ]);

  expect(quiet).toEqual(['InnervisorHypervisorDiskSlow']);
});

test('what is down goes before all that follows from it', async () => {
  const quiet = await findQuiet('down', [
    anAlert('down', 'InnervisorProbeDown', on('a1')),
    anAlert('down', 'InnervisorHypervisorPublicLoss', on('a1')),
    anAlert('down', 'InnervisorHypervisorMeshLoss', on('a2')),
    anAlert('down', 'InnervisorHypervisorPublicLoss', on('a2')),
    anAlert('down', 'InnervisorHypervisorMeshSlow', on('a2')),
    anAlert('down', 'InnervisorHypervisorSteal', on('a2')),
  ]);

  expect(quiet).toEqual([
    'InnervisorHypervisorMeshSlow',
    'InnervisorHypervisorPublicLoss',
    'InnervisorHypervisorPublicLoss',
  ]);
});

test('a target that is down does not hide a hypervisor', async () => {
  const quiet = await findQuiet('target', [
    anAlert('target', 'InnervisorPublicTargetDown', { target: '192.0.2.1' }),
    anAlert('target', 'InnervisorPairsScatteredLoss'),
    anAlert('target', 'InnervisorHypervisorPublicLoss', on('a1')),
    anAlert('target', 'InnervisorHypervisorMeshLoss', on('b1')),
  ]);

  expect(quiet).toEqual([]);
});

test('the two silences of a removal cover the probe and what its peers say of it, and nothing else', async () => {
  for (const name of ['probe_id', 'peer_id']) {
    const matchers = [{ name, value: 'id-a1', isRegex: false, isEqual: true }];
    const [startsAt, endsAt] = [Date.now(), Date.now() + 600_000].map((time) => new Date(time).toISOString());
    await post('silences', { matchers, startsAt, endsAt, createdBy: 'test', comment: 'removal' });
  }

  const quiet = await findQuiet('removal', [
    anAlert('removal', 'InnervisorProbeDown', on('a1')),
    anAlert('removal', 'InnervisorPairLoss', { ...on('b1'), peer_id: 'id-a1' }),
    anAlert('removal', 'InnervisorHypervisorSteal', { ...on('a1'), probe_id: 'id-of-the-new-one' }),
  ]);

  expect(quiet).toEqual(['InnervisorPairLoss', 'InnervisorProbeDown']);
});
