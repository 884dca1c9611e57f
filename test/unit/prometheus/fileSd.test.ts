import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { readTargetGroups, writeTargetGroups } from '../../../src/prometheus/fileSd.ts';
import type { TargetGroup } from '../../../src/prometheus/targetGroup.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'innervisor-'));
  path = join(directory, 'luxembourg.json');
});

afterEach(() => rm(directory, { recursive: true }));

function aGroup(fields: Partial<TargetGroup> = {}): TargetGroup {
  return { targets: ['192.0.2.1:9100'], labels: { region: 'luxembourg', probe_id: '1a2b3c4d' }, ...fields };
}

describe('writing targets', () => {
  test('makes the file, and says so', async () => {
    expect(await writeTargetGroups(path, [aGroup()])).toBe('written');
    expect(await readTargetGroups(path)).toEqual([aGroup()]);
    expect(await readdir(directory)).toEqual(['luxembourg.json']);
  });

  test('does not touch a file that says the same already, in whatever order the groups are given', async () => {
    const [a, b] = [aGroup({ targets: ['b:1', 'a:1'] }), aGroup({ labels: { z: '1', a: '2' } })];
    await writeTargetGroups(path, [a, b]);
    const { ino, mtimeMs } = await stat(path);

    const again = [aGroup({ labels: { a: '2', z: '1' } }), aGroup({ targets: ['a:1', 'b:1'] })];

    expect(await writeTargetGroups(path, again)).toBe('unchanged');
    expect(await stat(path)).toMatchObject({ ino, mtimeMs });
  });

  test('renders sorted JSON with a newline at its end', async () => {
    await writeTargetGroups(path, [aGroup({ targets: ['b:1'] }), aGroup({ targets: ['a:1'], labels: {} })]);

    const text = await readFile(path, 'utf8');

    expect(text.endsWith('}\n]\n')).toBe(true);
    expect(text.indexOf('a:1')).toBeLessThan(text.indexOf('b:1'));
    expect(text.indexOf('probe_id')).toBeLessThan(text.indexOf('region'));
  });

  test('writes no groups as an empty list', async () => {
    await writeTargetGroups(path, [aGroup()]);

    expect(await writeTargetGroups(path, [])).toBe('written');
    expect(await readFile(path, 'utf8')).toBe('[]\n');
  });

  test('makes the file readable for everybody, whatever the umask is', async () => {
    const before = process.umask(0o077);
    try {
      await writeTargetGroups(path, [aGroup()]);
    } finally {
      process.umask(before);
    }

    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  test.each<[string, TargetGroup]>([
    ['[0].targets[0]', aGroup({ targets: ['http://192.0.2.1:9100'] })],
    ['[0].targets[0]', aGroup({ targets: ['192.0.2.1:9100/metrics'] })],
    ['[0].targets[0]', aGroup({ targets: [''] })],
    ['[0].targets', aGroup({ targets: [] })],
    ['[0].labels.probe-id', aGroup({ labels: { 'probe-id': '1' } })],
    ['[0].labels.region', aGroup({ labels: { region: '\ud800' } })],
  ])('refuses a flaw at %s before anything is touched', async (place, group) => {
    await writeTargetGroups(path, [aGroup()]);

    const write = writeTargetGroups(path, [group]);

    await expect(write).rejects.toMatchObject({ code: 'badRequest', effect: 'none' });
    await expect(write).rejects.toThrow(`${path}: ${place}: `);
    expect(await readTargetGroups(path)).toEqual([aGroup()]);
    expect(await readdir(directory)).toEqual(['luxembourg.json']);
  });

  test('refuses a file that Prometheus would not take for JSON', async () => {
    const write = writeTargetGroups(join(directory, 'targets.conf'), []);

    await expect(write).rejects.toMatchObject({ code: 'badRequest' });
  });

  test('replaces a malformed file', async () => {
    await writeFile(path, '[{');

    expect(await writeTargetGroups(path, [])).toBe('written');
    expect(await readTargetGroups(path)).toEqual([]);
  });
});

describe('writing targets that cannot be written', () => {
  test.each([
    ['into a directory that is not there', 'missing/luxembourg.json'],
    ['below a file', 'file/luxembourg.json'],
    ['below a name too long for a temporary one', `${'x'.repeat(240)}.json`],
  ])('%s fails, leaves nothing behind, and has no effect', async (_case, name) => {
    await writeFile(join(directory, 'file'), '');

    const write = writeTargetGroups(join(directory, name), [aGroup()]);

    await expect(write).rejects.toMatchObject({ effect: 'none', message: expect.stringContaining(name) });
    expect(await readdir(directory)).toEqual(['file']);
  });

  test('over a directory fails and leaves nothing behind', async () => {
    await mkdir(path);

    const write = writeTargetGroups(path, [aGroup()]);

    await expect(write).rejects.toMatchObject({ name: 'PrometheusError', effect: 'none' });
    expect(await readdir(directory)).toEqual(['luxembourg.json']);
  });

  test('a temporary file that a killed process left is removed by a later write, a fresh one is not', async () => {
    const [abandoned, fresh] = ['.luxembourg.json.1.tmp', '.luxembourg.json.2.tmp'];
    await Promise.all([abandoned, fresh].map((name) => writeFile(join(directory, name), '')));
    await utimes(join(directory, abandoned), 0, 0);

    await writeTargetGroups(path, [aGroup()]);

    expect((await readdir(directory)).toSorted()).toEqual([fresh, 'luxembourg.json']);
  });
});

describe('reading targets', () => {
  test('gives undefined for an absent file', async () => {
    expect(await readTargetGroups(path)).toBeUndefined();
  });

  test('lets labels be left out, as Prometheus does', async () => {
    await writeFile(path, '[{"targets":["a:1"]}]');

    expect(await readTargetGroups(path)).toEqual([{ targets: ['a:1'], labels: {} }]);
  });

  test.each([
    ['[{"targets":["a:1"]}', 'JSON'],
    ['', 'JSON'],
    ['{}', 'the document'],
    ['[null]', '[0]'],
    ['[{"targets":["a:1"],"labels":{"a":1}}]', '[0].labels.a'],
    ['[{"targets":["a:1"],"lables":{}}]', 'lables'],
    ['[{"targets":["a:1"]},{"targets":[7]}]', '[1].targets[0]'],
  ])('refuses %s, naming the place', async (text, place) => {
    await writeFile(path, text);

    const read = readTargetGroups(path);

    await expect(read).rejects.toMatchObject({
      code: 'malformedFile',
      message: expect.stringContaining(place),
    });
    await expect(read).rejects.toThrow(path);
  });
});

test('concurrent readers never see a torn file, and concurrent writers leave one whole document', async () => {
  const documents = [1, 300, 600].map((count) =>
    Array.from({ length: count }, (_, index) => aGroup({ targets: [`192.0.2.1:${index + 1}`] })),
  );
  const sizes = new Set(documents.map(({ length }) => length));
  await writeTargetGroups(path, documents[0] ?? []);
  let writing = true;
  const seen: (number | undefined)[] = [];
  const read = async () => {
    while (writing) seen.push((await readTargetGroups(path))?.length);
  };
  const write = async (document: readonly TargetGroup[] = []) => {
    for (let round = 0; round < 10; round += 1) await writeTargetGroups(path, document);
  };

  const readers = [read(), read(), read()];
  await Promise.all(documents.map((document) => write(document)));
  writing = false;
  await Promise.all(readers);

  expect(seen.length).toBeGreaterThan(0);
  expect(seen.every((size) => size !== undefined && sizes.has(size))).toBe(true);
  expect(await readdir(directory)).toEqual(['luxembourg.json']);
}, 30_000);
