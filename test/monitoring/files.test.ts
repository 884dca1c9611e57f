import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { GENERIC, listAlerts, renderAllRules, renderRuleFiles } from '../../monitoring/prometheus/render.ts';
import { METRICS } from '../../src/telemetry/names.ts';
import { runInnervisor } from '../support/innervisor.ts';
import { runPromtool } from './support/promtool.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MINIMAL = join(ROOT, 'test/fixtures/config/minimal.yaml');

const Rules = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          record: z.string().optional(),
          alert: z.string().optional(),
          expr: z.string(),
          labels: z.record(z.string(), z.string()).optional(),
          annotations: z.record(z.string(), z.string()).optional(),
        }),
      ),
    }),
  ),
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'innervisor-rule-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');
const rulesOf = (text: string) => Rules.parse(parse(text)).groups.flatMap(({ rules }) => rules);

test('the committed rules are what their source says; node monitoring/prometheus/write.ts makes them anew', async () => {
  for (const { name, text } of renderRuleFiles(GENERIC))
    expect(await read(`monitoring/prometheus/${name}`), name).toBe(text);
});

test('Prometheus takes them, and the rules of an installation', async () => {
  const { code, stderr } = await runInnervisor(['rules', '--output-dir', folder], {
    configPath: MINIMAL,
    env: {},
  });
  expect(code, stderr).toBe(0);

  for (const name of ['innervisor.rules.yaml', 'innervisor-worker.rules.yaml'])
    for (const cwd of [folder, join(ROOT, 'monitoring/prometheus')])
      expect(await runPromtool(['check', 'rules', '--lint-fatal', name], cwd)).toMatchObject({ code: 0 });
});

test('an installation has its own thresholds and links', async () => {
  const { stdout } = await runInnervisor(['rules'], {
    configPath: join(ROOT, 'examples/innervisor.yaml'),
    env: {},
  });

  const rules = rulesOf(stdout);
  expect(rules).toContainEqual({
    record: 'innervisor:threshold:mesh_rtt_seconds',
    expr: 'vector(0.005)',
    labels: { region: 'luxembourg' },
  });
  const down = rules.find(({ alert }) => alert === 'InnervisorProbeDown');
  expect(down?.annotations).toMatchObject({
    runbook_url: 'docs/runbooks/InnervisorProbeDown.md',
    dashboard_url:
      'https://grafana.example.net/d/innervisor-hypervisor?var-region={{ $labels.region | urlquery }}&var-zone={{ $labels.availability_zone | urlquery }}&var-hypervisor={{ $labels.hypervisor | urlquery }}',
  });
});

test('a folder that cannot be written is told', async () => {
  const { code, stderr } = await runInnervisor(['rules', '-d', join(MINIMAL, 'x')], {
    configPath: MINIMAL,
    env: {},
  });

  expect(code).toBe(1);
  expect(stderr).toContain(`the rules can't be written into ${join(MINIMAL, 'x')}`);
});

test('each alert has a test in which it fires; all others must be silent in each', async () => {
  const files = (await readdir(import.meta.dirname)).filter(
    (name) => name.endsWith('.test.ts') && name !== 'alertmanager.test.ts',
  );
  const texts = await Promise.all(files.map((name) => readFile(join(import.meta.dirname, name), 'utf8')));

  for (const { alert } of listAlerts())
    expect(
      texts.some((text) => text.includes(`'${alert}'`)),
      alert,
    ).toBe(true);
});

test('each alert has a page, and each page an alert', async () => {
  const pages = (await readdir(join(ROOT, 'docs/runbooks'))).filter((name) => name !== 'README.md');
  expect(pages.toSorted()).toEqual(
    listAlerts()
      .map(({ alert }) => `${alert}.md`)
      .toSorted(),
  );

  const index = await read('docs/runbooks/README.md');
  for (const { alert, severity } of listAlerts()) {
    const page = await read(`docs/runbooks/${alert}.md`);
    expect(page, alert).toMatch(new RegExp(`^# ${alert}\n\nSeverity: ${severity}\\.`));
    for (const part of ['## Means', '## Check', '## Do']) expect(page, alert).toContain(`\n${part}\n`);
    expect(index).toContain(`(${alert}.md)`);
  }
});

test('names are told once, and every alert has what a person needs', () => {
  const rules = rulesOf(renderAllRules(GENERIC));
  const names = rules.flatMap(({ alert }) => alert ?? []);

  expect(new Set(names).size).toBe(names.length);
  for (const { alert, labels, annotations } of rules.filter((rule) => rule.alert !== undefined)) {
    expect(labels?.['severity'], alert).toMatch(/^(critical|warning|info)$/);
    for (const text of [annotations?.['summary'], annotations?.['description']])
      expect(text?.length, alert).toBeGreaterThan(20);
  }
});

test('the rules ask for series that there are', async () => {
  const pages = await Promise.all(['docs/metrics.md', 'docs/worker-metrics.md'].map(read));
  const series = new Set(
    pages.flatMap((page) => [...page.matchAll(/`(innervisor_\w+)`/g)].map(([, name]) => name)),
  );
  for (const name of [...Object.values(METRICS).map((one) => one.name), 'innervisor_probe_expected'])
    series.add(name);
  const rules = rulesOf(renderAllRules(GENERIC));
  const recorded = new Set(rules.map(({ record }) => record));

  for (const { alert, record, expr } of rules) {
    for (const [name] of expr.matchAll(/\binnervisor_[a-z_]+/g))
      expect(series, `${alert ?? record}: ${name}`).toContain(name.replace(/_(bucket|sum|count)$/, ''));
    for (const [name] of expr.matchAll(/\binnervisor:[a-z0-9_:]+/g))
      expect(recorded, `${alert ?? record}: ${name}`).toContain(name);
  }
});
