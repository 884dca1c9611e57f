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
 * Deletes servers for good and waits until Nova has them no more. Right before each delete mark and host are read again:
 * what doesn't carry exactly this probe's mark, or has moved since, isn't touched. Absent is success.
 */
export async function deleteServers<Item extends Doomed>(
  deps: StepDeps,
  doomed: readonly Item[],
  signal: AbortSignal,
  /** Done right before each delete. */
  before?: (item: Item) => Promise<void>,
): Promise<Deleted<Item>> {
  const failures: HypervisorFailure[] = [];
  const fail = ({ hypervisor, probeId }: Item, why: Pick<HypervisorFailure, 'kind' | 'message'>): void => {
    failures.push({ ...why, hypervisor, probeId, step: 'delete' });
  };
  let left: Item[] = [];
  for (const item of doomed) {
    await before?.(item);
    const failed = await deleteOne(deps, item, signal);
    if (failed === undefined) left.push(item);
    else fail(item, failed);
  }
  const gone: Item[] = [];
  const deadlineMs = deps.now() + deps.wait.deleteMs;
  while (left.length > 0) {
    const present = new Set((await observeProbes(deps, signal)).map((probe) => probe.serverId));
    const unlisted = left.filter(({ serverId }) => !present.has(serverId));
    const states = await Promise.all(unlisted.map(({ serverId }) => endForGood(deps, serverId, signal)));
    const ended = new Set(unlisted.filter((_, index) => states[index] !== 'kept'));
    for (const [index, item] of unlisted.entries()) {
      const state = states[index];
      if (state === 'gone') gone.push(item);
      else if (state !== undefined && state !== 'kept') fail(item, state);
    }
    left = left.filter((item) => !ended.has(item));
    if (left.length === 0 || deps.now() >= deadlineMs) break;
    const waiting = left.map(({ hypervisor }) => hypervisor);
    deps.tell(describeWait(`${gone.length} of ${gone.length + left.length} are gone`, waiting));
    await delay(deps.wait.pollMs, undefined, { signal });
  }
  for (const item of left) {
    const message = `Nova accepted the delete of ${item.serverId} but still has it; the next pass looks again`;
    fail(item, { kind: 'timeout', message });
  }
  return { gone, failures };
}

/**
 * Whether a server that Nova no longer lists is gone. With `reclaim_instance_interval` Nova keeps it with its room for a
 * while, in which no new probe may fit: https://docs.openstack.org/api-ref/compute/#force-delete-server-forcedelete-action
 */
async function endForGood(
  { openstack: { compute } }: StepDeps,
  serverId: string,
  signal: AbortSignal,
): Promise<'gone' | 'kept' | Pick<HypervisorFailure, 'kind' | 'message'>> {
  try {
    const server = await compute.getServer(serverId, signal);
    if (server === undefined || server.status === 'DELETED') return 'gone';
    if (server.status === 'SOFT_DELETED' && server.taskState === null)
      await compute.forceDeleteServer(serverId, signal);
    return 'kept';
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    const { kind, terminal } = classify(error);
    if (kind === 'conflict') return 'kept';
    if (terminal === null) throw error;
    return { kind, message: error.message };
  }
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
    if (probe.phase === 'softDeleted') await compute.forceDeleteServer(item.serverId, signal);
    else await compute.deleteServer(item.serverId, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    const { kind, terminal } = classify(error);
    if (terminal === null && kind !== 'conflict') throw error;
    return { kind, message: error.message };
  }
}
