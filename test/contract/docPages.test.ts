import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import pack from '../../package.json' with { type: 'json' };
import { command } from '../../lab/stack/command.ts';
import { startPrometheus, type PrometheusServer } from '../../lab/servers/index.ts';
import { ensureTools } from '../../lab/tools/index.ts';
import { findOnPath } from '../../lab/tools/command.ts';
import { runPromtool } from '../monitoring/support/promtool.ts';
import { listDocPages, readDocPage } from '../support/docPage.ts';
import { linkProgram } from '../support/linkProgram.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCS = join(ROOT, 'docs');
const CONFIG = join(ROOT, 'examples', 'innervisor.yaml');
/** Pages with a test of their own, which takes one command after the other from the page and ends when none is left. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'getting-started.md': 'test/package/gettingStarted.test.ts',
  'operations.md': 'test/simulation/orders.test.ts',
  'sites.md': 'test/workflow/sites.test.ts',
  'temporal.md': 'test/workflow/temporalTools.test.ts',
  'uninstall.md': 'test/package/gettingStarted.test.ts',
  'upgrade.md': 'test/workflow/upgrade.test.ts',
};
const HERE = ['compose.md', 'dashboards.md', 'publication.md', 'rules.md'];
const FURTHER_PAGES = ['../README.md', '../CONTRIBUTING.md'];

let folder: string;
let path: string;
let prometheus: PrometheusServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'innervisor-docs-'));
  const [bin, { promtool }] = await Promise.all([
    linkProgram(join(folder, 'bin')),
    ensureTools(['promtool']),
  ]);
  path = [bin, dirname(promtool), process.env['PATH']].join(delimiter);
  await mkdir(join(folder, 'innervisor'));
  await mkdir(join(folder, 'rules'));
  prometheus = await startPrometheus({ ruleFiles: [join(folder, 'rules', '*.rules.yaml')] });
});
afterAll(async () => {
  await prometheus.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a block as it stands, with the test's folders and servers in place of those of the page. */
async function runBlock(block: string, places: Readonly<Record<string, string>>): Promise<void> {
  const here = Object.entries(places).reduce((lines, [from, to]) => lines.replaceAll(from, to), block);
  const env = { ...process.env, PATH: path, INNERVISOR_CONFIG: CONFIG, GRAFANA_TOKEN: 'token-of-grafana' };
  const result = await command('sh', ['-euc', here], { env });
  expect(result, `${here}\n${result.stdout}\n${result.stderr}`).toMatchObject({ code: 0 });
}

const isThere = async (program: string): Promise<boolean> => (await findOnPath(program)) !== undefined;

test('every block of commands of every page is run by a test, or says why not', async () => {
  const pages = await listDocPages();
  const read = await Promise.all(pages.map(async (name) => ({ name, page: await readDocPage(name) })));

  const withCommands = read.filter(({ page }) => page.commands.length > 0).map(({ name }) => name);
  expect(pages.length).toBeGreaterThan(20);
  expect(withCommands.toSorted()).toEqual([...Object.keys(ELSEWHERE), ...HERE].toSorted());
  for (const [name, file] of Object.entries(ELSEWHERE))
    expect(await readFile(join(ROOT, file), 'utf8'), file).toContain(`readDocPage('${name}')`);
});

test('no command of a page escapes in a block that is not marked as one of commands', async () => {
  const pages = [...(await listDocPages()), ...FURTHER_PAGES];

  const stray = await Promise.all(
    pages.map(async (page) => (await readDocPage(page)).stray.map((line) => `${page}: ${line}`)),
  );

  expect(stray.flat()).toEqual([]);
});

test('what a page says of scripts, programs and tests of the checkout is there', async () => {
  const pages = [...(await listDocPages()), ...FURTHER_PAGES];
  const read = await Promise.all(pages.map(readDocPage));

  const lines = read.flatMap((page) => [...page.lines, ...page.notRun]);
  const scripts = new Set(lines.flatMap((line) => /^npm run (?:-s )?([\w:-]+)/.exec(line)?.[1] ?? []));
  const files = new Set([
    ...lines.flatMap((line) => /^node (\S+)/.exec(line)?.[1] ?? []),
    ...read.flatMap(({ reasons }) => reasons).flatMap((reason) => reason.match(/\btest\/[\w./]+/g) ?? []),
  ]);
  expect(scripts.size).toBeGreaterThan(8);
  expect(scripts.difference(new Set(Object.keys(pack.scripts)))).toEqual(new Set());
  expect(files.size).toBeGreaterThan(3);
  expect([...files].filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('no page is empty, and each of their links leads somewhere', async () => {
  const all = [
    ...(await listDocPages()).map((name) => join('docs', name)),
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
  ];

  const dead: string[] = [];
  for (const page of all) {
    const body = await readFile(join(ROOT, page), 'utf8');
    if (body.trim() === '') dead.push(`${page} is empty`);
    for (const [, link = ''] of body.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|#)/.test(link)) continue;
      const [file = ''] = link.split('#');
      if (!existsSync(join(ROOT, dirname(page), file))) dead.push(`${page}: ${link}`);
    }
  }

  expect(dead).toEqual([]);
});

test('rules are written, checked and read by Prometheus as the page says', async (context) => {
  if (!(await isThere('curl'))) context.skip('no curl on PATH');
  const { commands } = await readDocPage('rules.md');

  for (const block of commands)
    await runBlock(block, {
      '/etc/prometheus/rules': join(folder, 'rules'),
      'http://127.0.0.1:9090': prometheus.url,
    });

  const answer = await (await fetch(`${prometheus.url}/api/v1/rules?type=alert`)).text();
  expect(answer).toContain('InnervisorHypervisorSteal');
  expect(answer).toContain('InnervisorNoWorker');
});

test('dashboards reach Grafana as the page says, whole and with the token', async (context) => {
  if (!(await isThere('curl'))) context.skip('no curl on PATH');
  const got: { readonly token: string | undefined; readonly body: unknown }[] = [];
  // No Grafana is at hand; what is tried is the page's commands.
  const grafana = createServer((request, response) => {
    void text(request).then((body) => {
      got.push({ token: request.headers.authorization, body: JSON.parse(body) });
      response.end();
    });
  });
  await once(grafana.listen(0, '127.0.0.1'), 'listening');
  try {
    const { commands } = await readDocPage('dashboards.md');
    for (const block of commands)
      await runBlock(block, {
        '/etc/grafana/innervisor': join(folder, 'dashboards'),
        'https://grafana.example.net': `http://127.0.0.1:${(grafana.address() as AddressInfo).port}`,
      });
  } finally {
    grafana.close();
    grafana.closeAllConnections();
  }

  const token = 'Bearer token-of-grafana';
  const uids = ['hypervisor', 'mesh', 'orchestrator', 'region'].map((name) => `innervisor-${name}`);
  expect(got).toMatchObject(uids.map((uid) => ({ token, body: { overwrite: true, dashboard: { uid } } })));
});

test('what the stack needs is made as its page says', async () => {
  const [checkout, { commands }] = [join(folder, 'checkout'), await readDocPage('compose.md')];
  await mkdir(checkout);
  await copyFile(join(ROOT, '.env.example'), join(checkout, '.env.example'));

  for (const block of commands) await runBlock(`cd '${checkout}'\n${block}`, {});

  expect((await readdir(checkout)).toSorted()).toEqual(['.env', '.env.example', 'peers.key']);
});

test('keys and tokens are made as the page on publication says', async (context) => {
  if (!(await isThere('ssh-keygen'))) context.skip('no ssh-keygen on PATH');
  const { commands } = await readDocPage('publication.md');

  for (const block of commands) await runBlock(block, { '/etc/innervisor': join(folder, 'innervisor') });

  const mode = async (name: string) => (await stat(join(folder, 'innervisor', name))).mode & 0o777;
  expect(await mode('prometheus.ssh')).toBe(0o600);
  expect(await mode('targets.token')).toBe(0o600);
  expect(await readFile(join(folder, 'innervisor', 'targets.token'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
});

test('Prometheus takes every configuration for it that a page shows', async () => {
  const pages = ['../README.md', 'publication.md', 'worker-metrics.md'];
  const blocks = (await Promise.all(pages.map(readDocPage))).flatMap(({ yaml }) => yaml);
  const configs = blocks.filter((block) => block.includes('scrape_configs:'));

  expect(configs.length).toBeGreaterThanOrEqual(4);
  for (const [index, config] of configs.entries()) {
    const file = join(folder, `${index}.yaml`);
    await writeFile(file, config);
    expect(await runPromtool(['check', 'config', '--syntax-only', file], folder), config).toMatchObject({
      code: 0,
    });
  }
});

test('Prometheus takes every query that a page shows', async () => {
  const pages = await Promise.all(
    ['metrics.md', 'worker-metrics.md'].map((name) => readFile(join(DOCS, name), 'utf8')),
  );
  const queries = pages
    .flatMap((page) => [...page.matchAll(/```promql\n([^]*?)\n```/g)])
    // A line that is indented goes on with the query above it.
    .flatMap(([, block = '']) => block.replaceAll(/^#.*\n/gm, '').split(/\n(?! )/));

  expect(queries.length).toBeGreaterThan(10);
  for (const query of queries) {
    const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    expect(await answer.json(), query).toMatchObject({ status: 'success' });
  }
});
