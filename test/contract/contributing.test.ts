import { readFile, rm, mkdtemp, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../../lab/stack/command.ts';
import { copyCheckout } from '../support/copyCheckout.ts';
import { readDocPage } from '../support/docPage.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** The commands of CONTRIBUTING that write, and a file that each makes anew. */
const MAKES: Readonly<Record<string, string>> = {
  'npm run -s config-docs': 'docs/innervisor.schema.json',
  'node monitoring/prometheus/write.ts': 'monitoring/prometheus/innervisor.rules.yaml',
  'node monitoring/dashboards/write.ts': 'monitoring/grafana/innervisor-region.json',
  'npm run -s cli-docs': 'docs/cli.md',
};

const { lines, notRun } = await readDocPage('../CONTRIBUTING.md');

let folder: string;
let checkout: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'innervisor-contributing-'));
  checkout = join(folder, 'checkout');
  await copyCheckout(checkout);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('every command of CONTRIBUTING is run here, or a comment says why no test runs it', () => {
  const marked = notRun.map((line) => line.replace(/ +#.*/, ''));
  const others = lines.filter((line) => !marked.some((known) => `${line} `.startsWith(`${known} `)));

  expect(others).toEqual(Object.keys(MAKES));
});

test.each(Object.entries(MAKES))('%s makes %s as it is', async (line, file) => {
  await truncate(join(checkout, file));
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) };

  const { code, stdout, stderr } = await command('sh', ['-c', line], { cwd: checkout, env });

  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect(await readFile(join(checkout, file), 'utf8')).toBe(await readFile(join(ROOT, file), 'utf8'));
});
