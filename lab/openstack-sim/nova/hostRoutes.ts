import { isoDatabase, isoMicros } from '../core/time.ts';
import { member, objectIn, type Call } from '../http/call.ts';
import type { Route } from '../http/router.ts';
import { type Aggregate, zoneOf } from './aggregates.ts';
import { novaError, requireAdmin } from './errors.ts';
import type { Host } from './hosts.ts';
import type { World } from './world.ts';

/** The calls about compute services, aggregates and zones. */
export function hostRoutes(world: World): Route[] {
  return [...serviceRoutes(world), ...aggregateRoutes(world), ...zoneRoutes(world)];
}

function serviceRoutes(world: World): Route[] {
  const { hosts, downCells, random, clock } = world;
  const control = ['nova-scheduler', 'nova-conductor'].map((binary) => ({ binary, id: random.uuid() }));
  const startedMs = clock.now();
  const find = ({ params }: Call): Host => {
    const id = params['id'] ?? '';
    const host = [...hosts.all.values()].find(({ serviceId }) => serviceId === id);
    if (host === undefined) throw novaError(404, `Service ${id} not found.`);
    return host;
  };
  const render = (host: Host, minor: number, time = isoDatabase): object => ({
    binary: 'nova-compute',
    host: host.name,
    id: minor >= 53 ? host.serviceId : host.serviceNumber,
    zone: world.aggregates.zoneOfHost(host.name),
    status: host.disabled ? 'disabled' : 'enabled',
    state: hosts.isUp(host) ? 'up' : 'down',
    updated_at: time(hosts.updatedMs(host)),
    disabled_reason: host.disabledReason,
    ...(minor >= 11 ? { forced_down: host.forcedDown } : {}),
  });
  return [
    {
      method: 'GET',
      path: '/os-services',
      query: ['binary', 'host'],
      answer: ({ caller, query, minor }) => {
        requireAdmin(caller, 'os_compute_api:os-services:list');
        const [binary, name] = [query.get('binary'), query.get('host')];
        const wanted = (is: string, on: string): boolean =>
          (binary === null || binary === is) && (name === null || name === on);
        const services = control
          .filter((one) => wanted(one.binary, 'ctl'))
          .map((one, index) => ({
            binary: one.binary,
            host: 'ctl',
            id: minor >= 53 ? one.id : index + 1,
            zone: 'internal',
            status: 'enabled',
            state: 'up',
            updated_at: isoDatabase(clock.now() - ((clock.now() - startedMs) % 10_000)),
            disabled_reason: null,
            ...(minor >= 11 ? { forced_down: false } : {}),
          }));
        const computes = [...hosts.all.values()]
          .filter((host) => wanted('nova-compute', host.name))
          .flatMap((host) => {
            if (downCells.get(host.cell)?.services !== true) return [render(host, minor)];
            return minor >= 69 ? [{ binary: 'nova-compute', host: host.name, status: 'UNKNOWN' }] : [];
          });
        return { status: 200, body: { services: [...services, ...computes] } };
      },
    },
    {
      method: 'PUT',
      path: '/os-services/{id}',
      answer: (call) => {
        requireAdmin(call.caller, 'os_compute_api:os-services:update');
        const host = find(call);
        const [status, reason, down] = ['status', 'disabled_reason', 'forced_down'].map((key) =>
          member(call.body, key),
        );
        if (status !== undefined) {
          host.disabled = status === 'disabled';
          host.disabledReason = host.disabled && typeof reason === 'string' ? reason : null;
        }
        if (typeof down === 'boolean') host.forcedDown = down;
        host.changedMs = clock.now();
        return { status: 200, body: { service: render(host, call.minor, isoMicros) } };
      },
    },
    {
      method: 'DELETE',
      path: '/os-services/{id}',
      answer: (call) => {
        requireAdmin(call.caller, 'os_compute_api:os-services:delete');
        const host = find(call);
        if (host.servers.size > 0) {
          throw novaError(
            409,
            'Unable to delete compute service that is hosting instances. Migrate or delete the instances first.',
          );
        }
        hosts.remove(host);
        world.aggregates.forget(host.name);
        return { status: 204 };
      },
    },
  ];
}

function aggregateRoutes(world: World): Route[] {
  const { aggregates, hosts } = world;
  const render = (aggregate: Aggregate, full = true): object => ({
    id: aggregate.id,
    uuid: aggregate.uuid,
    name: aggregate.name,
    ...(full ? { hosts: [...aggregate.hosts], metadata: aggregate.metadata } : {}),
    created_at: (full ? isoDatabase : isoMicros)(aggregate.createdMs),
    updated_at: null,
    deleted_at: null,
    deleted: false,
    availability_zone: zoneOf(aggregate),
  });
  // Below 2.41 there is no uuid.
  const shown = (aggregate: Aggregate, minor: number, full = true): object => {
    const all = render(aggregate, full);
    return minor >= 41 ? all : Object.fromEntries(Object.entries(all).filter(([key]) => key !== 'uuid'));
  };
  return [
    {
      method: 'GET',
      path: '/os-aggregates',
      answer: ({ caller, minor }) => {
        requireAdmin(caller, 'os_compute_api:os-aggregates:index');
        return {
          status: 200,
          body: { aggregates: [...aggregates.all.values()].map((one) => shown(one, minor)) },
        };
      },
    },
    {
      method: 'POST',
      path: '/os-aggregates',
      answer: ({ caller, body, minor }) => {
        requireAdmin(caller, 'os_compute_api:os-aggregates:create');
        const { name, availability_zone: zone } = objectIn(body, 'aggregate');
        const aggregate = aggregates.add(String(name), typeof zone === 'string' ? zone : null);
        return { status: 200, body: { aggregate: shown(aggregate, minor, false) } };
      },
    },
    {
      method: 'POST',
      path: '/os-aggregates/{id}/action',
      answer: ({ caller, body, params, minor }) => {
        requireAdmin(caller, 'os_compute_api:os-aggregates:update');
        const id = params['id'] ?? '';
        const aggregate = aggregates.all.get(Number(id));
        if (aggregate === undefined) throw novaError(404, `Aggregate ${id} could not be found.`);
        const added = member(objectIn(body, 'add_host'), 'host');
        const removed = member(objectIn(body, 'remove_host'), 'host');
        const name = String(added ?? removed);
        if ((added ?? removed) !== undefined && !hosts.all.has(name)) {
          throw novaError(404, `Compute host ${name} could not be found.`);
        }
        if (added !== undefined) {
          if (aggregate.hosts.has(name)) throw novaError(409, `Aggregate ${id} already has host ${name}.`);
          aggregates.addHost(aggregate, name);
        }
        if (removed !== undefined) aggregates.removeHost(aggregate, name);
        aggregates.setMetadata(aggregate, objectIn(objectIn(body, 'set_metadata'), 'metadata'));
        // Nova tells of the change in this answer, but doesn't note it down.
        const changed =
          member(body, 'set_metadata') === undefined ? {} : { updated_at: isoMicros(world.clock.now()) };
        return { status: 200, body: { aggregate: { ...shown(aggregate, minor), ...changed } } };
      },
    },
  ];
}

function zoneRoutes(world: World): Route[] {
  const { aggregates, hosts } = world;
  const zones = (): string[] => [...aggregates.zones()].toSorted();
  const available = (zone: string): boolean =>
    [...hosts.all.values()].some((host) => aggregates.zoneOfHost(host.name) === zone && !host.disabled);
  const path = '/os-availability-zone';
  return [
    {
      method: 'GET',
      path,
      answer: () => ({
        status: 200,
        body: {
          availabilityZoneInfo: zones().map((zone) => ({
            zoneName: zone,
            zoneState: { available: available(zone) },
            hosts: null,
          })),
        },
      }),
    },
    {
      method: 'GET',
      path: `${path}/detail`,
      answer: ({ caller }) => {
        requireAdmin(caller, 'os_compute_api:os-availability-zone:detail');
        const compute = (host: Host): object => ({
          'nova-compute': {
            available: hosts.isUp(host),
            active: !host.disabled,
            updated_at: isoDatabase(hosts.updatedMs(host)),
          },
        });
        const info = zones().map((zone) => ({
          zoneName: zone,
          zoneState: { available: available(zone) },
          hosts: Object.fromEntries(
            [...hosts.all.values()]
              .filter((host) => aggregates.zoneOfHost(host.name) === zone)
              .map((host) => [host.name, compute(host)]),
          ),
        }));
        return { status: 200, body: { availabilityZoneInfo: info } };
      },
    },
  ];
}
