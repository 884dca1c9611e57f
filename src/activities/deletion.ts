import { setTimeout as delay } from 'node:timers/promises';
import type { HypervisorFailure } from '../domain/failure.ts';
import type { Server } from '../openstack/client.ts';
import { OpenStackError } from '../openstack/error.ts';
import { describeWait, type StepDeps } from './deps.ts';
import { classify } from './failures.ts';
import { observeProbes, parseProbe } from './observe.ts';
import { tryEach, type Refusal } from './tryEach.ts';

/** Nova's words for a host that is forced down and for one that doesn't report. */
const DOWN: ReadonlySet<string> = new Set(['DOWN', 'UNKNOWN']);
/**
 * Its word for one that is disabled, whether it is up or not:
 * https://docs.openstack.org/api-ref/compute/#show-server-details
 */
const DISABLED = 'MAINTENANCE';

/** A server that is to go, as the plan or the list knew it. */
export interface Doomed {
  readonly serverId: string;
  readonly probeId: string;
  readonly hypervisor: string;
  /** Where it must still run; left out for a half-made server, which may still be on its way. */
  readonly host?: string | null;
  /** Whether it goes though its host is down. */
  readonly forceDown?: boolean;
}

/** What was deleted and what wasn't. */
export interface Deleted<Item extends Doomed = Doomed> {
  readonly gone: readonly Item[];
  readonly failures: readonly HypervisorFailure[];
}

/** What Nova was asked to delete, and what it couldn't be asked for. */
export interface AskedToGo<Item extends Doomed = Doomed> {
  readonly asked: readonly Item[];
  readonly failures: readonly HypervisorFailure[];
}

/**
 * Asks Nova to delete servers. Right before each delete mark and host are read again: what doesn't carry exactly this
 * probe's mark, has moved since, or runs on a host that is down, isn't touched. Absent is success.
 */
export async function askToGo<Item extends Doomed>(
  deps: StepDeps,
  doomed: readonly Item[],
  signal: AbortSignal,
  /** Done right before each delete. */
  before?: (item: Item) => Promise<void>,
): Promise<AskedToGo<Item>> {
  const { done, refused } = await tryEach(deps, doomed, async (item) => {
    await before?.(item);
    return await deleteOne(deps, item, signal);
  });
  return { asked: done, failures: refused.map(({ item, refusal }) => deleteFailure(item, refusal)) };
}

/** Deletes servers for good, as {@link askToGo} does, and waits until Nova has them no more. */
export async function deleteServers<Item extends Doomed>(
  deps: StepDeps,
  doomed: readonly Item[],
  signal: AbortSignal,
  before?: (item: Item) => Promise<void>,
): Promise<Deleted<Item>> {
  const { asked, failures: refused } = await askToGo(deps, doomed, signal, before);
  const failures = [...refused];
  const gone: Item[] = [];
  const deadlineMs = performance.now() + deps.wait.deleteMs;
  let left = asked.map((item): Leaving<Item> => ({ item, state: 'kept' }));
  while (left.length > 0) {
    const present = new Set((await observeProbes(deps, signal)).map((probe) => probe.serverId));
    const looked = await Promise.all(
      left.map(async ({ item }): Promise<Leaving<Item>> => {
        if (present.has(item.serverId)) return { item, state: 'kept' };
        return { item, ...(await endForGood(deps, item.serverId, signal)) };
      }),
    );
    gone.push(...looked.filter(({ state }) => state === 'gone').map(({ item }) => item));
    for (const { item, state, why } of looked)
      if (state === 'refused' && why !== undefined) failures.push(deleteFailure(item, why));
    left = looked.filter(({ state }) => state === 'kept');
    if (left.length === 0 || performance.now() >= deadlineMs) break;
    const waiting = left.map(({ item }) => item.hypervisor);
    deps.tell(describeWait(`${gone.length} of ${gone.length + left.length} are gone`, waiting));
    await delay(deps.wait.pollMs, undefined, { signal });
  }
  for (const { item, why } of left) {
    const message = `Nova accepted the delete of ${item.serverId} but ${
      why === undefined ? 'still has it' : `doesn't say whether it is gone: ${why.message}`
    }; the next pass looks again`;
    failures.push(deleteFailure(item, { kind: why?.kind ?? 'timeout', message }));
  }
  return { gone, failures };
}

function deleteFailure({ hypervisor, probeId }: Doomed, refusal: Refusal): HypervisorFailure {
  return { ...refusal, hypervisor, probeId, step: 'delete' };
}

/** What became of a server whose delete Nova accepted; `why` says what it answered instead, where it failed to. */
interface Ending {
  readonly state: 'gone' | 'kept' | 'refused';
  readonly why?: Refusal;
}

interface Leaving<Item> extends Ending {
  readonly item: Item;
}

/**
 * Whether a server that Nova no longer lists is gone. With `reclaim_instance_interval` Nova keeps it with its room for a
 * while, in which no new probe may fit: https://docs.openstack.org/api-ref/compute/#force-delete-server-forcedelete-action
 */
async function endForGood(
  { openstack: { compute } }: StepDeps,
  serverId: string,
  signal: AbortSignal,
): Promise<Ending> {
  try {
    const server = await compute.getServer(serverId, signal);
    if (server === undefined || server.status === 'DELETED') return { state: 'gone' };
    if (server.status === 'SOFT_DELETED' && server.taskState === null)
      await compute.forceDeleteServer(serverId, signal);
    return { state: 'kept' };
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    const { kind, terminal } = classify(error);
    if (kind === 'conflict') return { state: 'kept' };
    return { state: terminal === null ? 'kept' : 'refused', why: { kind, message: error.message } };
  }
}

async function isOnDeadHost(
  { openstack: { compute } }: StepDeps,
  { host, hostStatus }: Server,
  signal: AbortSignal,
): Promise<boolean> {
  if (hostStatus !== DISABLED || host === null) return DOWN.has(hostStatus ?? '');
  const [service] = await compute.listComputeServices({ host }, signal);
  return service?.state !== 'up';
}

async function deleteOne(deps: StepDeps, item: Doomed, signal: AbortSignal): Promise<Refusal | undefined> {
  const { compute } = deps.openstack;
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
  if (item.forceDown !== true && (await isOnDeadHost(deps, server, signal))) {
    const message = `probe ${item.probeId} stays: ${probe.host ?? 'its host'} is down, its guest may live on at an address that Nova would free`;
    return { kind: 'deleteRefused', message };
  }
  if (probe.phase === 'softDeleted') await compute.forceDeleteServer(item.serverId, signal);
  else await compute.deleteServer(item.serverId, signal);
  return undefined;
}
