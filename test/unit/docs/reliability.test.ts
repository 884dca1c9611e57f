import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);

test('docs/reliability.md counts the wrong configurations that are tried', async () => {
  const page = await readFile(new URL('docs/reliability.md', ROOT), 'utf8');
  const files = await readdir(new URL('test/fixtures/config/', ROOT));
  const bad = files.filter((name) => name.endsWith('.bad.yaml'));

  expect(page).toMatch(new RegExp(`^\\| wrong configurations .*\\| ${bad.length} files,`, 'm'));
});
