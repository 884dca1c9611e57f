import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createQuoter } from '../../../src/openstack/message.ts';

test('a text becomes one short line without HTML', () => {
  const quoter = createQuoter([]);

  const line = quoter.quote(
    '<html><title>x</title>\n<h1>503 Busy</h1><br />\u001b[31m\r\nno server is available</html>',
  );

  expect(line).toBe('503 Busy [31m no server is available');
  expect(quoter.quote('x'.repeat(5_000)).length).toBeLessThanOrEqual(301);
});

test('what only looks like HTML is kept', () => {
  expect(createQuoter([]).quote('3 < 4 and 5 > 4')).toBe('3 < 4 and 5 > 4');
});

test('a secret is hidden plain, as JSON and in a URL', () => {
  const quoter = createQuoter(['p"a/ss']);

  expect(quoter.quote('p"a/ss {"x":"p\\"a/ss"} ?p=p%22a%2Fss')).toBe('*** {"x":"***"} ?p=***');
});

test.each([
  ['"adminPass": "Vu5fC4YdsgMc"', 'Vu5fC4YdsgMc'],
  ["'password': 'hunter2'", 'hunter2'],
  ['secret=hunter2&x', 'hunter2'],
  [`token gAAAAAB${'k'.repeat(40)} is bad`, 'kkkk'],
])('a secret that nobody told us of is hidden in %s', (text, secret) => {
  expect(createQuoter([]).quote(text)).not.toContain(secret);
});

test('the name of a policy is no secret', () => {
  const text = "Policy doesn't allow os_compute_api:servers:create:forced_host to be performed.";

  expect(createQuoter(['x-y-z']).quote(text)).toBe(text);
});

test('no part of a token gets through where a long text is cut', () => {
  fc.assert(
    fc.property(fc.integer({ min: 9_900, max: 10_050 }), (lead) => {
      const quoter = createQuoter([]);
      quoter.addToken('0123456789abcdefghij');

      const line = quoter.quote(`${'<b>'.repeat(3_300)}${' '.repeat(lead - 9_900)}0123456789abcdefghij`);

      expect(line).not.toContain('0123');
    }),
  );
});
