import { expect, test } from 'vitest';
import { asHeld } from '../../../src/cli/pass/approval.ts';

const PLAN = '0123456789ab';
const progress = { step: 'a step', region: 'lab', outcome: 'planned', planHash: PLAN } as const;

test('a plan waits for a person while its pass awaits their word', () => {
  expect(asHeld({ ...progress, awaitsApproval: PLAN })).toMatchObject({ planHash: PLAN });
});

test.each([
  ['in a dry run', {}],
  ['once its pass has heard that word', { awaitsApproval: null }],
])('no plan waits for a person %s', (_when, more) => {
  expect(asHeld({ ...progress, ...more })).toBeUndefined();
});
