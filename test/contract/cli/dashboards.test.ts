import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runInnervisor } from '../../support/innervisor.ts';

const COMMITTED = join(import.meta.dirname, '..', '..', '..', 'monitoring', 'grafana');

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'innervisor-dashboards-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Without a configuration, which it doesn't need. */
function run(...args: readonly string[]) {
  return runInnervisor(['dashboards', ...args], { configPath: join(folder, 'none.yaml'), env: {} });
}

test('it writes the dashboards into a folder that it makes, and says which', async () => {
  const place = join(folder, 'made', 'grafana');

  const { code, stdout, stderr } = await run('--output-dir', place);

  expect(code, stderr).toBe(0);
  const names = (await readdir(COMMITTED)).toSorted();
  expect((await readdir(place)).toSorted()).toEqual(names);
  for (const name of names) {
    expect(stdout).toContain(`${join(place, name)}\n`);
    expect(await readFile(join(place, name), 'utf8')).toBe(await readFile(join(COMMITTED, name), 'utf8'));
  }
});

test('without a folder it lists them, and gives them whole to a program', async () => {
  const [text, json] = [await run(), await run('--output', 'json')];

  expect(text.stdout).toMatch(/^innervisor-region +Every hypervisor/m);
  expect(JSON.parse(json.stdout)).toContainEqual(
    expect.objectContaining({
      uid: 'innervisor-mesh',
      dashboard: expect.objectContaining({ panels: expect.any(Array) }),
    }),
  );
});

test('a folder that it may not make is told with what to do', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');

  const { code, stderr } = await run('--output-dir', join(file, 'grafana'));

  expect(code).toBe(1);
  expect(stderr).toContain(`the dashboards can't be written into ${join(file, 'grafana')}`);
  expect(stderr).toContain('hint: ');
});
