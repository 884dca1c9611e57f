import { expect } from 'vitest';

import { OpenStackError } from '../../../src/openstack/client.ts';

/** Awaits the failure of a call and gives it; fails if it succeeds or throws something else. */
export async function expectOpenStackError(call: Promise<unknown>): Promise<OpenStackError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  expect(outcome).toHaveProperty('error');
  const error = 'error' in outcome ? outcome.error : undefined;
  expect(error).toBeInstanceOf(OpenStackError);
  return error as OpenStackError;
}
