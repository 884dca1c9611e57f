import { expect, test } from 'vitest';

import { renderAuthRequest } from '../../../src/openstack/credentials.ts';
import { compareMicroversions } from '../../../src/openstack/microversion.ts';
import { computeRenewalMs } from '../../../src/openstack/session.ts';

test.each([
  ['an hour', '2026-11-24T01:00:00Z', 3_480_000],
  ['three minutes', '2026-11-24T00:03:00Z', 90_000],
  ['nothing', '2026-11-24T00:00:00Z', 0],
])(
  'a token that lives for %s is renewed before its end, whatever our clock says',
  (_life, expiresAt, afterMs) => {
    expect(computeRenewalMs('2026-11-24T00:00:00Z', expiresAt, 5_000_000)).toBe(5_000_000 + afterMs);
  },
);

test('an application credential by name carries its user and no scope', () => {
  const user = { name: 'prober', domain: { name: 'Default' } };

  const body = renderAuthRequest({
    kind: 'applicationCredential',
    authUrl: '',
    name: 'probes',
    user,
    secret: 's',
  });

  expect(body).toEqual({
    auth: {
      identity: {
        methods: ['application_credential'],
        application_credential: { name: 'probes', user, secret: 's' },
      },
    },
  });
});

test('microversions are ordered by number and not by letter', () => {
  const ordered = ['2.1', '2.9', '2.53', '2.74', '2.100', '3.0'];

  expect(ordered.toReversed().toSorted(compareMicroversions)).toEqual(ordered);
  expect(compareMicroversions('', '2.1')).toBeLessThan(0);
});
