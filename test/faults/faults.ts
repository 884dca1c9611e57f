import type { TestedRegion } from './region.ts';

const STATUSES = [401, 403, 429, 500, 502, 503, 504];

/** Calls of a pass, and chance calls of any kind. */
const CALLS = [
  { service: 'keystone', path: '/auth/tokens' },
  { service: 'nova', method: 'GET', path: '/servers/detail' },
  { service: 'nova', method: 'GET', path: '/servers/[0-9a-f-]{36}' },
  { service: 'nova', method: 'POST', path: '/servers$' },
  { service: 'nova', method: 'DELETE', path: '/servers/' },
  { service: 'nova', path: '/metadata' },
  { service: 'nova', path: '/os-hypervisors/detail' },
  { service: 'nova', path: '/os-services' },
  { service: 'nova', path: '/flavors' },
  { service: 'glance', path: '/images' },
  { service: 'neutron', path: '/networks' },
  {},
];

/** Lists whose pages may lie, at most once in a life: what is missing from two listings in a row really goes. */
const LISTS = ['/servers/detail', '/os-hypervisors/detail', '/os-services'];

const HOST_FAULTS = [
  { spawn_error: 'out of luck' },
  { build_abort: 'no luck either' },
  { bind_fail: true },
  { spawn_delay: 1 },
  { destroy_delay: 1 },
  { destroy_error: 'cannot be destroyed' },
];

/** Breaks something of a region's cloud that is drawn; gives what. */
export function breakCloud(region: TestedRegion): string {
  const { chance } = region;
  const kind = chance.pick(['http', 'http', 'http', 'host', 'list', 'cell']);
  switch (kind) {
    case 'host': {
      const host = chance.pick(region.sim.hosts());
      const fault = chance.pick(HOST_FAULTS);
      region.sim.setFault(host, fault);
      region.touched.add(host);
      return tell(region, Object.keys(fault)[0] ?? '', host);
    }
    case 'list': {
      const path = chance.pick(LISTS);
      if (region.diary.some((line) => line.startsWith('page that lies'))) return breakCalls(region);
      const effect = { kind: 'truncatePage', keep: chance.between(0, 2) };
      region.sim.faults.add({ service: 'nova', path, count: 1, effect });
      return tell(region, 'page that lies', `${path} ${effect.keep}`);
    }
    case 'cell':
      region.sim.cells.down('cell1', { servers: true, services: false });
      return tell(region, 'cell whose servers are missing', 'cell1');
    default:
      return breakCalls(region);
  }
}

/** Ends all faults of a region's cloud. */
export function healCloud(region: TestedRegion): void {
  region.sim.faults.clear();
  region.sim.cells.up('cell1');
  for (const host of region.sim.hosts()) region.sim.clearFault(host);
}

function breakCalls(region: TestedRegion): string {
  const { chance } = region;
  const call = chance.pick(CALLS);
  const effect = drawEffect(region);
  const often = chance.pick([
    { count: 1 },
    { nth: chance.between(1, 4) },
    { count: chance.between(2, 6) },
    { probability: 0.3 },
    { probability: 0.3, count: 5 },
  ]);
  region.sim.faults.add({ ...call, ...often, effect });
  const name = 'status' in effect ? String(effect.status) : effect.kind;
  return tell(region, name, JSON.stringify({ ...call, ...often }));
}

function drawEffect({ chance }: TestedRegion) {
  return chance.pick([
    { kind: 'status', status: chance.pick(STATUSES), retryAfterSeconds: chance.between(0, 1) },
    { kind: 'resetBeforeEffect' },
    { kind: 'resetAfterEffect' },
    { kind: 'hang' },
    { kind: 'slow', ms: chance.between(100, 2_500) },
    { kind: 'truncateBody' },
  ]);
}

function tell(region: TestedRegion, name: string, what: string): string {
  region.diary.push(`${name}: ${what}`);
  return name;
}
