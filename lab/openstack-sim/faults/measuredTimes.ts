import type { HttpFault } from './schema.ts';

/**
 * Lets the cloud answer as slowly as the real control plane with 30 hypervisors on two cores did: one `POST /servers`
 * alone took 0.3 to 1 s, the listing of 100 hypervisors 1.6 to 2.1 s. Apply it as a scenario: `{ http: MEASURED_TIMES }`.
 */
export const MEASURED_TIMES: readonly HttpFault[] = [
  { service: 'nova', method: 'POST', path: '/servers$', effect: { kind: 'slow', ms: 600 } },
  { service: 'nova', method: 'GET', path: '/os-hypervisors/detail', effect: { kind: 'slow', ms: 600 } },
  { effect: { kind: 'slow', ms: 50 } },
];
