import type { Hypervisor } from '../domain/hypervisor.ts';
import { compareText } from '../domain/document.ts';
import { isProbeId, metadataKeys, tags } from '../domain/identity.ts';
import type { Probe, ProbePhase } from '../domain/probe.ts';
import type { Server } from '../openstack/client.ts';
import type { StepDeps } from './deps.ts';

/** An evacuation shows as `REBUILD` too, and neither is as old as the server: where it stands is known when it is over. */
const MIGRATING: ReadonlySet<string> = new Set([
  'MIGRATING',
  'REBUILD',
  'RESIZE',
  'VERIFY_RESIZE',
  'REVERT_RESIZE',
]);
const DELETING: ReadonlySet<string> = new Set(['deleting', 'soft-deleting']);

/** Our probes of the region as Nova lists them now, sorted; servers without our whole mark are left out. */
export async function observeProbes(deps: StepDeps, signal: AbortSignal): Promise<readonly Probe[]> {
  const servers = await deps.openstack.compute.listServers(
    { tags: [tags.installation(deps.installation), tags.region(deps.region)] },
    signal,
  );
  return servers
    .flatMap((server) => parseProbe(server, deps) ?? [])
    .toSorted((a, b) => compareText(a.probeId, b.probeId) || compareText(a.serverId, b.serverId));
}

/**
 * The probe that a server is, if it carries the mark of this installation and region in tags *and*
 * metadata; `undefined` for a foreign server, whatever its name.
 */
export function parseProbe(
  server: Server,
  owner: { readonly installation: string; readonly region: string },
): Probe | undefined {
  const { metadata } = server;
  const probeId = metadata[metadataKeys.probe] ?? '';
  const hypervisor = metadata[metadataKeys.hypervisor] ?? '';
  const generation = Number(metadata[metadataKeys.generation]);
  const marked =
    metadata[metadataKeys.installation] === owner.installation &&
    metadata[metadataKeys.region] === owner.region &&
    isProbeId(probeId) &&
    hypervisor !== '' &&
    Number.isSafeInteger(generation) &&
    [tags.ours, tags.installation(owner.installation), tags.region(owner.region), tags.probe(probeId)].every(
      (tag) => server.tags.includes(tag),
    );
  if (!marked) return undefined;
  const phase = parsePhase(server);
  return {
    probeId,
    serverId: server.id,
    name: server.name,
    hypervisor,
    host: server.host,
    phase,
    status: server.status,
    address: firstAddress(server),
    revision: metadata[metadataKeys.revision] ?? '',
    generation,
    retireSince: metadata[metadataKeys.retireSince] ?? null,
    rebootedAt: metadata[metadataKeys.rebootedAt] ?? null,
    deletingSince: phase === 'deleting' ? server.updatedAt : null,
    createdAt: server.createdAt,
    launchedAt: server.launchedAt,
    fault: server.fault?.message ?? null,
  };
}

/** A server that is being deleted passes through `ACTIVE`, so the task state is looked at first. */
function parsePhase(server: Server): ProbePhase {
  if (DELETING.has(server.taskState ?? '') || server.status === 'DELETED') return 'deleting';
  if (server.status === 'SOFT_DELETED') return 'softDeleted';
  if (server.status === 'ERROR') return 'error';
  if (server.status === 'BUILD') return 'building';
  if (MIGRATING.has(server.status) || server.taskState === 'migrating') return 'migrating';
  if (server.status === 'ACTIVE' || server.status === 'REBOOT' || server.status === 'HARD_REBOOT')
    return 'active';
  return 'stopped';
}

function firstAddress(server: Server): string | null {
  const fixed = server.addresses.filter((address) => address.type !== 'floating');
  return fixed.toSorted((a, b) => a.version - b.version)[0]?.address ?? null;
}

/** Nova's hypervisors with their services' zones, sorted by hostname. */
export async function observeHypervisors(
  deps: StepDeps,
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<readonly Hypervisor[]> {
  const { aggregates } = deps.policy.select;
  const wantsAggregates = aggregates.include.length > 0 || aggregates.exclude.length > 0;
  const [listed, services, aggregateList] = await Promise.all([
    deps.openstack.compute.listHypervisors(signal),
    deps.openstack.compute.listComputeServices({}, signal),
    wantsAggregates ? deps.openstack.compute.listAggregates(signal) : [],
  ]);
  const zones = new Map(services.map((service) => [service.host, service.zone]));
  // Nova counts what stands there in whatever state, shut off or in ERROR as well.
  const own = Map.groupBy(probes, (probe) => probe.host);
  return listed
    .map((item) => {
      const others = (item.runningVms ?? Number.NaN) - (own.get(item.serviceHost)?.length ?? 0);
      const enabled = item.status === 'enabled';
      return {
        hostname: item.hypervisorHostname,
        serviceHost: item.serviceHost,
        type: item.type,
        enabled,
        up: item.state === 'up',
        disabledReason: item.disabledReason,
        availabilityZone: zones.get(item.serviceHost) ?? null,
        aggregates: aggregateList
          .filter(({ hosts }) => hosts.includes(item.serviceHost))
          .map(({ name }) => name)
          .toSorted(compareText),
        // Kept only where it decides something: elsewhere it would change with every tenant's server.
        occupied: enabled || Number.isNaN(others) ? null : others > 0,
      };
    })
    .toSorted((a, b) => compareText(a.hostname, b.hostname));
}
