import { readdir, readFile } from 'node:fs/promises';
import { join, matchesGlob } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readCompose, ROOT, type Compose } from './compose.ts';

/** Where Grafana looks for what it is given, and its keys: https://grafana.com/docs/grafana/latest/administration/provisioning/ */
const PROVISIONING = '/etc/grafana/provisioning';
const datasourcesSchema = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.array(
    z.strictObject({
      name: z.string(),
      uid: z.string().max(40),
      type: z.literal('prometheus'),
      access: z.literal('proxy'),
      url: z.url(),
      isDefault: z.literal(true),
      jsonData: z.strictObject({ timeInterval: z.string() }),
    }),
  ),
});
const providersSchema = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.array(
    z.strictObject({
      name: z.string(),
      folder: z.string(),
      type: z.literal('file'),
      allowUiUpdates: z.boolean(),
      updateIntervalSeconds: z.number().positive(),
      options: z.strictObject({ path: z.string() }),
    }),
  ),
});
const dashboardSchema = z.object({
  uid: z.string().max(40),
  title: z.string(),
  panels: z.array(z.unknown()),
});
const prometheusSchema = z.object({
  rule_files: z.array(z.string()),
  alerting: z.object({
    alertmanagers: z.array(z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) })),
  }),
  scrape_configs: z.array(
    z.object({
      static_configs: z.array(z.object({ targets: z.array(z.string()) })).default([]),
      file_sd_configs: z.array(z.object({ files: z.array(z.string()) })).default([]),
    }),
  ),
});

let compose: Compose;
beforeAll(async () => {
  ({ compose } = await readCompose());
});

/** The volume or the path in this checkout that a service sees at a path. */
function sourceOf(service: string, path: string): string | undefined {
  const mounts = (compose.services[service]?.volumes ?? []).map((mount) => mount.split(':'));
  const [source = '', target = ''] =
    mounts.find(([, place = '']) => path === place || path.startsWith(`${place}/`)) ?? [];
  return source === '' ? undefined : source + path.slice(target.length);
}

async function readMounted(service: string, path: string): Promise<string> {
  return await readFile(join(ROOT, sourceOf(service, path) ?? ''), 'utf8');
}

/** Whether it is the name of a service, and a port after it. */
function isAddress(host: string): boolean {
  const [name = '', port = ''] = host.split(':');
  return (name === 'localhost' || name in compose.services) && /^\d+$/.test(port);
}

test('Grafana finds its source of data, whose keys are those that it knows', async () => {
  const text = await readMounted('grafana', `${PROVISIONING}/datasources/innervisor.yaml`);
  const { datasources } = datasourcesSchema.parse(parse(text));

  expect(datasources).toHaveLength(1);
  for (const { url } of datasources) expect(isAddress(new URL(url).host), url).toBe(true);
});

test('Grafana finds the dashboards where it is told to look, and they ask for no other source', async () => {
  const sources = datasourcesSchema.parse(
    parse(await readMounted('grafana', `${PROVISIONING}/datasources/innervisor.yaml`)),
  );
  const text = await readMounted('grafana', `${PROVISIONING}/dashboards/innervisor.yaml`);
  const [provider] = providersSchema.parse(parse(text)).providers;
  const folder = join(ROOT, sourceOf('grafana', provider?.options.path ?? '') ?? '');
  const files = await readdir(folder);

  expect(files.length).toBeGreaterThan(3);
  expect(files.filter((file) => !file.endsWith('.json'))).toEqual([]);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const uids = texts.map((one) => dashboardSchema.parse(JSON.parse(one)).uid);
  expect(new Set(uids).size).toBe(files.length);
  // Either what is chosen at the top, of which there is one, or that one by its name.
  const known = ['${datasource}', '-- Grafana --', ...sources.datasources.map(({ uid }) => uid)];
  const asked = texts.flatMap((one) =>
    [...one.matchAll(/"datasource": \{[^}]*"uid": "([^"]*)"/g)].map(([, uid]) => uid),
  );
  expect(asked.length).toBeGreaterThan(100);
  expect(asked.filter((uid) => !known.includes(uid ?? ''))).toEqual([]);
});

test('Prometheus finds its rules, what it is to watch and whom to tell', async () => {
  const path = '/etc/prometheus/prometheus.yml';
  const config = prometheusSchema.parse(parse(await readMounted('prometheus', path)));

  for (const pattern of config.rule_files) {
    const [folder = '', glob = ''] = pattern.split('/');
    const files = await readdir(join(ROOT, sourceOf('prometheus', `/etc/prometheus/${folder}`) ?? ''));
    expect(files.filter((file) => matchesGlob(file, glob)).toSorted()).toEqual([
      'innervisor-worker.rules.yaml',
      'innervisor.rules.yaml',
    ]);
  }
  const told = config.alerting.alertmanagers.flatMap(({ static_configs: fixed }) => fixed);
  const watched = config.scrape_configs.flatMap(({ static_configs: fixed }) => fixed);
  for (const address of [...told, ...watched].flatMap(({ targets }) => targets))
    expect(isAddress(address), address).toBe(true);
});

test('workers write targets where Prometheus reads them', async () => {
  const { scrape_configs: jobs } = prometheusSchema.parse(
    parse(await readMounted('prometheus', '/etc/prometheus/prometheus.yml')),
  );
  const patterns = jobs.flatMap(({ file_sd_configs: found }) => found.flatMap(({ files }) => files));
  const configs = await Promise.all(
    ['innervisor.yaml', 'lab/innervisor.yaml'].map((file) => readFile(join(ROOT, 'deploy', file), 'utf8')),
  );

  const written = configs.flatMap((text) => [...text.matchAll(/path: (\S+\.json)/g)].map(([, path]) => path));
  expect(written).toHaveLength(2);
  for (const path of written) {
    expect(patterns.some((pattern) => matchesGlob(path ?? '', pattern))).toBe(true);
    expect(sourceOf('worker-1', path ?? '')).toBe(sourceOf('prometheus', path ?? ''));
    expect(sourceOf('worker-1', path ?? '')).toMatch(/^targets\//);
  }
});
