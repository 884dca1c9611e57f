import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderContract } from './contractDocument.ts';
import { LEFT_OUT, NOT_SIMULATED } from './leftOut.ts';
import { listRecordings } from '../recordings.ts';

describe('docs/contract.md', () => {
  test('says how many recordings are replayed, and what is left out and may differ, as the tables do', () => {
    const text = readFileSync(new URL('../../../../docs/contract.md', import.meta.url), 'utf8');
    expect(text.slice(text.indexOf('## What is left out'))).toBe(renderContract());
  });

  test('leaves out recordings that exist, and no others', () => {
    const names = Object.keys({ ...LEFT_OUT, ...NOT_SIMULATED });
    expect(names.filter((name) => !listRecordings().includes(name))).toEqual([]);
  });
});
