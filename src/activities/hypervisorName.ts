import type { StepDeps } from './deps.ts';
import { failure } from './failures.ts';

/** The names by which a hypervisor is known. */
export interface NamedHypervisor {
  readonly hostname: string;
  readonly serviceHost: string;
}

/** As many names as help to find a mistake. */
const NAMED_MAX = 5;

/** Those that are called so: the one of that full name, else all whose name without the domain or whose service host it is. */
export function matchHypervisor<T extends NamedHypervisor>(all: readonly T[], wanted: string): readonly T[] {
  const exact = all.filter(({ hostname }) => hostname === wanted);
  if (exact.length > 0) return exact;
  return all.filter(
    ({ hostname, serviceHost }) => hostname.split('.')[0] === wanted || serviceHost === wanted,
  );
}

/**
 * The one of these that somebody means.
 * @throws failure `notFound` where none or more than one is called so; terminal.
 */
export function chooseHypervisor<T extends NamedHypervisor>(
  { region }: StepDeps,
  all: readonly T[],
  wanted: string,
): T {
  const [found, ...more] = matchHypervisor(all, wanted);
  if (found !== undefined && more.length === 0) return found;
  const names = (found === undefined ? all : [found, ...more]).map(({ hostname }) => hostname);
  const listing = `${names.slice(0, NAMED_MAX).join(', ')}${names.length > NAMED_MAX ? ', …' : ''}`;
  const message =
    found === undefined
      ? `Nova lists no hypervisor ${JSON.stringify(wanted)} in region ${region}; it has ${names.length === 0 ? 'none' : listing}`
      : `${names.length} hypervisors of region ${region} are called ${JSON.stringify(wanted)}; give the full name: ${listing}`;
  throw failure('notFound', message, { terminal: true });
}

/** The hypervisor that somebody means, as Nova lists it; fails as {@link chooseHypervisor} does. */
export async function findHypervisor(
  deps: StepDeps,
  wanted: string,
  signal: AbortSignal,
): Promise<NamedHypervisor> {
  const listed = await deps.openstack.compute.listHypervisors(signal);
  const all = listed.map(({ hypervisorHostname: hostname, serviceHost }) => ({ hostname, serviceHost }));
  return chooseHypervisor(deps, all, wanted);
}
