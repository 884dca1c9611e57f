import { describe, expect, it } from 'vitest';

import { computePackageChanges, parseInstalledPackages, renderLock } from '../../../guest/image/packages.ts';

const JQ = 'jq\t1.6-2.1\tamd64\tjq\t1.6-2.1\tA Maintainer <a@example.net>';
const CURL = 'curl\t7.88.1-10+deb12u14\tamd64\tcurl\t7.88.1-10+deb12u14\tA Maintainer <a@example.net>';

describe('the list of packages', () => {
  it('is sorted, and locked as name=version', () => {
    const lock = renderLock(parseInstalledPackages(`${JQ}\n${CURL}\n`));

    expect(lock).toBe('curl=7.88.1-10+deb12u14\njq=1.6-2.1\n');
  });

  it('is refused when a field is missing', () => {
    expect(() => parseInstalledPackages('jq\t1.6-2.1\n')).toThrow(
      '6 fields were asked for, and it wrote: jq',
    );
  });
});

describe('a lock', () => {
  it('differs in nothing from itself', () => {
    expect(computePackageChanges('curl=1\njq=2\n', 'curl=1\njq=2\n')).toEqual([]);
  });

  it('tells what was upgraded, what came and what went', () => {
    expect(computePackageChanges('curl=1\njq=2\nperl=5\n', 'curl=1\njq=3\nfping=5\n')).toEqual([
      { name: 'fping', locked: null, built: '5' },
      { name: 'jq', locked: '2', built: '3' },
      { name: 'perl', locked: '5', built: null },
    ]);
  });

  it('that is broken says which line, and how to make it anew', () => {
    expect(() => computePackageChanges('<<<<<<< HEAD\n', '')).toThrow(
      'guest/image/packages.lock: not name=version: <<<<<<< HEAD; write it anew by --update',
    );
  });
});
