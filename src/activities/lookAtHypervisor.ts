import type { HypervisorLook } from '../domain/hypervisorLook.ts';
import type { Inventory } from '../domain/inventory.ts';
import { computeInForce } from '../domain/orders.ts';
import { computeTargets } from '../domain/target.ts';
import { computeRoster } from '../planner/roster.ts';
import { computeSelection } from '../planner/select.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { chooseHypervisor } from './hypervisorName.ts';
import { judgeProbes } from './judgeProbes.ts';
import { observeHypervisors, observeProbes } from './observe.ts';
import { readOrders } from './orders.ts';
import { readPeers } from './published.ts';

/**
 * Looks at one hypervisor and its probe: whether it should have one, has one, is published and answers. Changes nothing,
 * and may run beside a pass.
 */
export async function lookAtHypervisor(
  deps: StepDeps,
  { hypervisor: wanted }: PassInput & { readonly hypervisor: string },
  signal: AbortSignal,
): Promise<HypervisorLook> {
  const [{ orders }, peers, probes] = await Promise.all([
    readOrders(deps),
    readPeers(deps),
    observeProbes(deps, signal),
  ]);
  const hypervisors = await observeHypervisors(deps, probes, signal);
  const hypervisor = chooseHypervisor(deps, hypervisors, wanted);
  const { hostname, up } = hypervisor;
  const { maintenance } = computeInForce(orders, deps.now());
  const [selected] = computeSelection([hypervisor], deps.policy, deps.matchGlobs, maintenance);
  if (selected === undefined)
    throw failure('unsupported', `nothing is decided of ${hostname}`, { terminal: true });
  const own = probes.filter((probe) => probe.hypervisor === hostname);
  const published = (peers?.document.peers ?? []).filter((peer) => peer.hypervisor === hostname);
  const inventory: Inventory = {
    installation: deps.installation,
    region: deps.region,
    hypervisors,
    probes: own,
    unlisted: [],
    published,
    revision: '',
  };
  const roster = computeRoster({
    plan: { entries: [] },
    inventory,
    probes: own.filter(({ probeId }) => published.some((peer) => peer.probe_id === probeId)),
    proven: new Set(),
    unproven: new Set(),
  });
  const groups = computeTargets(roster, deps.targets, deps.installation);
  const inForce = { generation: peers?.document.generation ?? 0, publishedMs: peers?.publishedMs ?? 0 };
  const results = groups.length === 0 ? [] : await judgeProbes(deps, inventory, groups, inForce, signal);
  return {
    region: deps.region,
    hypervisor: hostname,
    up,
    maintenance: maintenance.find((one) => one.hypervisor === hostname) ?? null,
    decision: selected.decision,
    reason: selected.reason,
    probes: own.map(({ name }) => name),
    isPublished: published.length > 0,
    failedChecks: results.filter(({ status }) => status === 'failed'),
  };
}
