import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FAILURE_KINDS } from '../../../src/domain/failure.ts';

test('docs/failures.md says of each kind of failure what it means, and of no other', async () => {
  const page = await readFile(new URL('../../../docs/failures.md', import.meta.url), 'utf8');
  const [, ...sections] = page.split('\n## ');

  expect(sections.map((section) => section.split('\n', 1)[0])).toEqual(FAILURE_KINDS);
});
