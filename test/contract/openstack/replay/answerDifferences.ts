import { bodyDifferences, type BodyRules } from './bodyDifferences.ts';
import type { Recording } from '../recordings.ts';

/** An answer of the cloud under test. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, `null` when there is none. */
  readonly body: unknown;
}

/** Headers that a client may rely on; of the others (length, connection, date) none is compared. */
const HEADERS = [
  'content-type',
  'location',
  'openstack-api-version',
  'retry-after',
  'vary',
  'www-authenticate',
  'x-compute-request-id',
  'x-openstack-nova-api-version',
  'x-openstack-request-id',
  'x-subject-token',
];
/** Where an answer isn't as recorded: status, headers, body; one line each. */
export function answerDifferences(
  recorded: Recording['response'],
  actual: Answer,
  { normalText, exempt }: BodyRules,
): readonly string[] {
  const status =
    recorded.status === actual.status ? [] : [`status: ${recorded.status} expected, got ${actual.status}`];
  const expected = new Headers(recorded.headers);
  const headers = HEADERS.filter((header) => !exempt.includes(header)).flatMap((header) => {
    const [wanted, seen] = [expected, actual.headers].map((from) =>
      normalHeader(header, from.get(header), normalText),
    );
    return wanted === seen ? [] : [`header ${header}: ${String(wanted)} expected, got ${String(seen)}`];
  });
  return [...status, ...headers, ...bodyDifferences(recorded.body, actual.body, { normalText, exempt })];
}

function normalHeader(
  name: string,
  value: string | null,
  normalText: (text: string) => string,
): string | null {
  if (value === null) return null;
  if (name === 'x-subject-token') return '<token>';
  // Nova sends two headers of the name Vary; the recordings have the last of them.
  const last = name === 'vary' ? value.split(', ').at(-1) : value;
  return normalText(last ?? '').toLowerCase();
}
