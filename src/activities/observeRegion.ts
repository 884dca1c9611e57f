import type { Peer } from '../domain/document.ts';
import type { Hypervisor } from '../domain/hypervisor.ts';
import type { UnconfirmedProbe } from '../domain/memory.ts';
import type { Probe } from '../domain/probe.ts';
import type { StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { lookUpServers } from './lookUp.ts';
import { askReplicas } from './publication/replicas.ts';

/** Sees that Prometheus, its documents and Alertmanager answer, so that what can't be finished isn't begun. */
export async function askMonitoring(deps: StepDeps, signal: AbortSignal): Promise<void> {
  await Promise.all([
    askReplicas(deps.publication, signal, async ({ prometheus, publisher }, abort) => {
      await Promise.all([publisher.check(abort), prometheus.queryInstant('vector(1)', abort)]);
    }),
    deps.alertmanager.getStatus(signal),
  ]);
}

/**
 * Refuses a region of which Nova lists no hypervisor.
 *
 * @param otherwise - what to do where that is true.
 * @throws failure `emptyListing`, terminal.
 */
export function refuseEmpty(deps: StepDeps, hypervisors: readonly Hypervisor[], otherwise?: string): void {
  if (hypervisors.length > 0) return;
  const message = `Nova lists no hypervisors in region ${deps.region}; check the role of the credentials and openstack.regionName${otherwise === undefined ? '' : `; ${otherwise}`}`;
  throw failure('emptyListing', message, { terminal: true });
}

/** What was published or is remembered, and isn't in Nova's list. */
export interface Missing {
  readonly found: readonly Probe[];
  readonly unlisted: readonly Peer[];
  readonly unconfirmed: readonly UnconfirmedProbe[];
}

/** What was published or is remembered is gone only after a 404 of its own. */
export async function lookUpMissing(
  deps: StepDeps,
  known: { readonly peers: readonly Peer[]; readonly made: readonly UnconfirmedProbe[] },
  listed: readonly Probe[],
  signal: AbortSignal,
): Promise<Missing> {
  const present = new Set(listed.map(({ serverId }) => serverId));
  const missing = known.peers.filter(({ server_id }) => !present.has(server_id));
  const published = new Set(missing.map(({ server_id }) => server_id));
  const unseen = known.made.filter(({ serverId }) => !present.has(serverId) && !published.has(serverId));
  const made = unseen.map(({ serverId }) => serverId);
  const [ofPublished, ofMade] = await Promise.all([
    lookUpServers(deps, [...published], signal),
    lookUpServers(deps, made, signal),
  ]);
  return {
    found: [...ofPublished.values(), ...ofMade.values()].filter((answer) => typeof answer !== 'string'),
    unlisted: missing.filter(({ server_id }) => ofPublished.get(server_id) === 'unknown'),
    unconfirmed: unseen.filter(({ serverId }) => ofMade.get(serverId) === 'unknown'),
  };
}
