import { setTimeout as delay } from 'node:timers/promises';
import type { HypervisorFailure } from '../domain/failure.ts';
import { OpenStackError } from '../openstack/error.ts';
import { describeWait, type StepDeps } from './deps.ts';
import { classify } from './failures.ts';
import { observeProbes, parseProbe } from './observe.ts';

/** A server that is to go, as the plan or the list knew it. */
export interface Doomed {
  readonly serverId: string;
  readonly probeId: string;
  readonly hypervisor: string;
  /** Where it must still run; left out for a half-made server, which may still be on its way. */
  readonly host?: string | null;
}

/** What was deleted and what wasn't. */
export interface Deleted<Item extends Doomed = Doomed> {
  readonly gone: readonly Item[];
  readonly failures: readonly HypervisorFailure[];
}

/**
 * Deletes servers and waits until Nova no longer lists them. Right before each delete mark and host
 * are read again: what doesn't carry exactly this probe's mark, or has moved since, isn't touched. Absent is success.
 */
export async function deleteServers<Item extends Doomed>(
  deps: StepDeps,
  doomed: readonly Item[],
  signal: AbortSignal,
): Promise<Deleted<Item>> {
  const failures: HypervisorFailure[] = [];
  const accepted = new Map<string, Item>();
  for (const item of doomed) {
    const failed = await deleteOne(deps, item, signal);
    if (failed === undefined) accepted.set(item.serverId, item);
    else failures.push({ ...failed, hypervisor: item.hypervisor, probeId: item.probeId, step: 'delete' });
  }
  const deadlineMs = deps.now() + deps.wait.deleteMs;
  let left = [...accepted.values()];
  while (left.length > 0) {
    const present = new Set((await observeProbes(deps, signal)).map((probe) => probe.serverId));
    left = left.filter(({ serverId }) => present.has(serverId));
    if (left.length === 0 || deps.now() >= deadlineMs) break;
    const waiting = left.map(({ hypervisor }) => hypervisor);
    deps.tell(describeWait(`${accepted.size - left.length} of ${accepted.size} are gone`, waiting));
    await delay(deps.wait.pollMs, undefined, { signal });
  }
  for (const item of left) {
    const message = `Nova accepted the delete of ${item.serverId} but still lists it; the next pass looks again`;
    failures.push({
      hypervisor: item.hypervisor,
      probeId: item.probeId,
      step: 'delete',
      kind: 'timeout',
      message,
    });
  }
  const remaining = new Set(left);
  return { gone: [...accepted.values()].filter((item) => !remaining.has(item)), failures };
}

async function deleteOne(
  deps: StepDeps,
  item: Doomed,
  signal: AbortSignal,
): Promise<Pick<HypervisorFailure, 'kind' | 'message'> | undefined> {
  const { compute } = deps.openstack;
  try {
    const server = await compute.getServer(item.serverId, signal);
    if (server === undefined) return undefined;
    const probe = parseProbe(server, deps);
    if (probe?.probeId !== item.probeId || probe.hypervisor !== item.hypervisor) {
      const message = `server ${item.serverId} no longer carries the mark of probe ${item.probeId}; it is left alone`;
      return { kind: 'deleteRefused', message };
    }
    if (item.host !== undefined && probe.host !== item.host) {
      const message = `probe ${item.probeId} has moved from ${item.host ?? 'nowhere'} to ${probe.host ?? 'nowhere'} since the plan; the next pass looks again`;
      return { kind: 'deleteRefused', message };
    }
    await compute.deleteServer(item.serverId, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    const { kind, terminal } = classify(error);
    if (terminal === null && kind !== 'conflict') throw error;
    return { kind, message: error.message };
  }
}
