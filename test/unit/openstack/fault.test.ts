import { expect, test } from 'vitest';

import { parseRetryAfterMs, RETRY_AFTER_MS_MAX, readFault } from '../../../src/openstack/fault.ts';

const NOW_MS = Date.parse('2026-11-24T00:00:00Z');

test.each([
  ['7', 7_000],
  [' 0 ', 0],
  ['Tue, 24 Nov 2026 00:00:30 GMT', 30_000],
  ['Mon, 23 Nov 2026 00:00:00 GMT', 0],
  ['99999999999', RETRY_AFTER_MS_MAX],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After %j is %j milliseconds', (header, expected) => {
  expect(parseRetryAfterMs(header, NOW_MS)).toBe(expected);
});

test.each([
  ['{"itemNotFound": {"code": 404, "message": "gone"}}', { kind: 'itemNotFound', text: 'gone' }],
  ['{"NeutronError": {"type": "OverQuota", "message": "full"}}', { kind: 'OverQuota', text: 'full' }],
  ['{"message": "no", "code": "404 Not Found"}', { kind: 'plain', text: 'no' }],
  ['{"errors": [{"detail": "first"}, {"detail": "second"}]}', { kind: 'errors', text: 'first' }],
  ['{"error": {"code": 401, "message": "who"}}', { kind: 'error', text: 'who' }],
  ['upstream is down', { kind: '', text: 'upstream is down' }],
  ['{}', { kind: '', text: '{}' }],
  ['null', { kind: '', text: 'null' }],
])('the error body %j is understood', (body, expected) => {
  expect(readFault(body)).toEqual(expected);
});
