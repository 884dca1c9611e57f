import { isOurs, type TestedRegion } from './region.ts';
import { REQUEST_MS } from './stack.ts';

const STATUSES = [401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504];
/** What a proxy may answer although the service behind it did what it was asked for. */
const STATUSES_AFTER_EFFECT = [408, 500, 502, 504];

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

const LYING_PAGE = 'page that lies';

const HOST_FAULTS = [
  { spawn_error: 'out of luck' },
  { build_abort: 'no luck either' },
  { bind_fail: true },
  { spawn_delay: 1 },
  { destroy_delay: 1 },
  { destroy_error: 'cannot be destroyed' },
];

/** Breaks something of a region's cloud that is drawn; gives what. */
export async function breakCloud(region: TestedRegion): Promise<string> {
  const { chance } = region;
  const kind = chance.pick(['http', 'http', 'http', 'host', 'list', 'cell', 'server']);
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
      if (mayLie(region)) return breakCalls(region);
      const effect = { kind: 'truncatePage', keep: chance.between(0, 2) };
      region.sim.faults.add({ service: 'nova', path, count: 1, effect });
      region.hides = true;
      return tell(region, LYING_PAGE, `${path} ${effect.keep}`);
    }
    case 'cell': {
      const cell = chance.pick(region.cells);
      const isWhole = chance.happens(0.5);
      region.sim.cells.down(cell, { servers: true, services: isWhole });
      region.hides = true;
      return tell(region, isWhole ? 'whole cell missing' : 'cell whose servers are missing', cell);
    }
    case 'server':
      return (await breakServer(region)) ?? breakCalls(region);
    default:
      return breakCalls(region);
  }
}

/** Whether a listing may leave out with a 200 what is there; to the end of a life, as its time isn't known. */
function mayLie({ diary }: TestedRegion): boolean {
  return diary.some((line) => line.startsWith(LYING_PAGE));
}

/** Ends all faults of a region's cloud. */
export function healCloud(region: TestedRegion): void {
  region.sim.faults.clear();
  for (const cell of region.cells) region.sim.cells.up(cell);
  for (const host of region.sim.hosts()) region.sim.clearFault(host);
}

/** One probe can't be deleted until all is healed. */
async function breakServer(region: TestedRegion): Promise<string | undefined> {
  const servers = await region.observer.listServers();
  const probes = servers.filter((server) => isOurs(server, region.name));
  if (probes.length === 0) return undefined;
  const { id, name, host } = region.chance.pick(probes);
  const effect = { kind: 'status', status: 500 };
  region.sim.faults.add({ service: 'nova', method: 'DELETE', path: `/servers/${id}$`, effect });
  return tell(region, 'probe whose DELETE always fails', `${name} on ${host ?? 'nothing'}`);
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
  return tell(region, nameOf(effect), JSON.stringify({ ...call, ...often }));
}

type Effect =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds: number }
  | { readonly kind: 'statusAfterEffect'; readonly status: number }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'resetBeforeEffect' | 'resetAfterEffect' | 'hang' | 'hangAfterEffect' | 'truncateBody' };

function drawEffect({ chance }: TestedRegion): Effect {
  return chance.pick<Effect>([
    { kind: 'status', status: chance.pick(STATUSES), retryAfterSeconds: chance.between(0, 1) },
    { kind: 'resetBeforeEffect' },
    { kind: 'resetAfterEffect' },
    { kind: 'hang' },
    { kind: 'hangAfterEffect' },
    { kind: 'statusAfterEffect', status: chance.pick(STATUSES_AFTER_EFFECT) },
    { kind: 'slow', ms: chance.between(100, 1_500) },
    { kind: 'slow', ms: REQUEST_MS + chance.between(100, 1_500) },
    { kind: 'truncateBody' },
  ]);
}

function nameOf(effect: Effect): string {
  switch (effect.kind) {
    case 'status':
      return String(effect.status);
    case 'statusAfterEffect':
      return `${effect.status} after the effect`;
    case 'slow':
      return effect.ms > REQUEST_MS ? 'effect after the client has given up' : 'slow';
    default:
      return effect.kind;
  }
}

function tell(region: TestedRegion, name: string, what: string): string {
  region.diary.push(`${name}: ${what}`);
  return name;
}
