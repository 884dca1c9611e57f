import { z } from 'zod';

import { OpenStackError, type OpenStackService } from './error.ts';
import { createSingleFlight } from './single-flight.ts';
import type { Transport } from './transport.ts';

const versionDocumentSchema = z.object({
  version: z.object({ version: z.string(), min_version: z.string() }),
});

/**
 * Gives a check that a service offers a microversion. The service's version document is asked for once, without a
 * token; the 406 to a version that is too high only echoes what was asked for.
 */
export function createMicroversionCheck(transport: Transport, service: OpenStackService) {
  const documents = new Map<string, ReturnType<typeof createOffer>>();

  function createOffer(url: URL) {
    return createSingleFlight(
      async () => {
        const reply = await transport.send({
          service,
          purpose: 'read the version document',
          method: 'GET',
          route: '/',
          url,
          headers: {},
          writes: false,
        });
        const { version, min_version: min } = reply.parse(versionDocumentSchema).version;
        return { min, max: version };
      },
      () => true,
    );
  }

  /** @throws OpenStackError `unsupported`, naming what is needed, what is offered and the call. */
  return async function checkMicroversion(document: URL, purpose: string, needed: string): Promise<void> {
    let offer = documents.get(document.href);
    if (offer === undefined) documents.set(document.href, (offer = createOffer(document)));
    const { min, max } = await offer.get();
    if (compareMicroversions(min, needed) <= 0 && compareMicroversions(needed, max) <= 0) return;
    const offered = max === '' ? 'none' : `${min} to ${max}`;
    throw new OpenStackError({
      code: 'unsupported',
      service,
      effect: 'none',
      message: `cannot ${purpose}: ${service} at ${document.host} offers microversions ${offered}, but ${needed} is needed`,
    });
  };
}

/** Orders `2.9` before `2.10`; no version at all is before every other. */
export function compareMicroversions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number);
  return leftMajor - rightMajor || leftMinor - rightMinor;
}
