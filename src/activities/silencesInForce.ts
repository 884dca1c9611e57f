import { setTimeout as delay } from 'node:timers/promises';
import type { MemberSilences } from '../alertmanager/client.ts';
import { isAway } from '../alertmanager/cluster.ts';
import { SILENCED_LABELS } from '../domain/silence.ts';
import type { StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { ownQuery, selectOwn } from './ownSilences.ts';

/** How long members of a cluster may take to tell each other of a silence; it takes them less than a second. */
const GOSSIP_MS = 15_000;

/**
 * Waits until silences of ours over these probes are in force at every member of the cluster.
 * @throws failure `timeout` that names the member without one; it may be tried again.
 */
export async function awaitSilences(
  deps: StepDeps,
  probeIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = performance.now() + GOSSIP_MS;
  for (;;) {
    const gap = await findUnsilenced(deps, probeIds, signal);
    if (gap === undefined) return;
    if (performance.now() >= deadlineMs) {
      const message = `probe ${gap.probeId} isn't silenced after ${GOSSIP_MS / 1000} s: ${gap.why}`;
      throw failure('timeout', message, { terminal: false });
    }
    await delay(deps.wait.pollMs, undefined, { signal });
  }
}

/** A probe that isn't silenced everywhere, and at which member of the cluster. */
export interface Unsilenced {
  readonly probeId: string;
  readonly why: string;
}

/**
 * The first of these probes over which silences of ours aren't in force at every member of the cluster. A member that
 * nobody can reach is passed over where there is a cluster: it hears of the silences before it sends anything again.
 */
export async function findUnsilenced(
  deps: StepDeps,
  probeIds: readonly string[],
  signal: AbortSignal,
): Promise<Unsilenced | undefined> {
  const [first] = probeIds;
  if (first === undefined) return undefined;
  const query = { ...ownQuery(deps), states: ['active'] } as const;
  const members = await deps.alertmanager.listSilencesOfMembers(query, signal);
  const refused = members.find((member) => member.failure !== undefined && !isAway(member.failure));
  if (refused?.failure !== undefined) throw refused.failure;
  const answering = members.filter((member) => member.failure === undefined);
  const gap = answering.map((member) => findGap(member, probeIds)).find((found) => found !== undefined);
  if (gap !== undefined)
    return members.length === 1
      ? gap
      : { ...gap, why: `${gap.why}; all of alertmanager.urls must be members of one cluster` };
  const [away] = members.filter((member) => member.failure !== undefined);
  if (away === undefined || (await deps.alertmanager.getStatus(signal)).cluster !== 'disabled')
    return undefined;
  const why = `no silence can be in force at Alertmanager ${away.member}: it doesn't answer, and the other one is in no cluster`;
  return { probeId: first, why };
}

function findGap({ member, silences }: MemberSilences, probeIds: readonly string[]): Unsilenced | undefined {
  const own = selectOwn(silences);
  for (const label of SILENCED_LABELS) {
    const covered = new Set(own.filter((item) => item.label === label).flatMap((item) => item.probeIds));
    const probeId = probeIds.find((each) => !covered.has(each));
    if (probeId !== undefined)
      return { probeId, why: `no silence on ${label} is in force at Alertmanager ${member}` };
  }
  return undefined;
}
