import type { Hypervisor } from './hypervisor.ts';
import type { Selection } from './selection.ts';

/** A hypervisor that should carry a probe, as it stands in the stored document. */
export interface ExpectedProbe {
  readonly hypervisor: string;
  /** `null` where Nova tells none. */
  readonly availability_zone: string | null;
}

/** Which hypervisors of a region should carry a probe: what an unwatched one is told by. */
export interface ExpectedDocument {
  readonly schema: 1;
  readonly installation: string;
  readonly region: string;
  /** In the inventory's order. */
  readonly expected: readonly ExpectedProbe[];
}

/**
 * Those that are selected, and those that are deferred: an outage is no reason not to expect a probe. A disabled
 * hypervisor whose probe stays gets no new one when that is lost, so none is expected there.
 */
export function computeExpected(
  hypervisors: readonly Hypervisor[],
  selection: Selection,
): readonly ExpectedProbe[] {
  const expected = new Set(
    selection
      .filter(({ decision }) => decision === 'selected' || decision === 'deferred')
      .map(({ hypervisor }) => hypervisor),
  );
  return hypervisors
    .filter(({ hostname }) => expected.has(hostname))
    .map(({ hostname, availabilityZone }) => ({
      hypervisor: hostname,
      availability_zone: availabilityZone,
    }));
}
