import type { HypervisorFailure } from '../domain/failure.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { Plan } from '../domain/plan.ts';
import { listLeaving, type LeavingProbe } from '../planner/roster.ts';
import { getArtifact } from './artifacts.ts';
import { deleteServers } from './deletion.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { keepingSilenced } from './extendSilences.ts';
import { failure } from './failures.ts';
import { findScraped } from './publication/letGo.ts';
import { openSilences } from './openSilences.ts';
import { readProof } from './proven.ts';
import { readPeers } from './published.ts';
import { findUnsilenced } from './silencesInForce.ts';
import { forgetUnconfirmed } from './unconfirmed.ts';

/** What the pass removed, removals and replaced probes apart, and what it couldn't. */
export interface DeletedProbes {
  readonly deleted: number;
  readonly replaced: number;
  /** Of the replaced ones, those that went before their successors were made. */
  readonly broken?: number;
  readonly failures: readonly HypervisorFailure[];
}

/**
 * Step 5b: deletes what the plan removes. Refuses, as a failure to be retried, while a silence is missing
 * at a member of the cluster, or while the peers document or Prometheus still know one of them; a further attempt silences
 * them again. What is gone need not be remembered any more.
 */
export async function deleteProbes(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef; readonly proof: ArtifactRef | null },
  signal: AbortSignal,
): Promise<DeletedProbes> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const { forceDown = false } = plan;
  const leaving = listLeaving(plan, (await readProof(deps, input.proof)).proven);
  // They may have ended while no worker was there to go on.
  if (!deps.isFirstAttempt) await openSilences(deps, input, signal);
  await checkLetGo(deps, leaving, signal);
  const keepSilenced = keepingSilenced(deps, signal);
  const doomed = leaving.map((item) => ({ ...item, forceDown }));
  const { gone, failures } = await deleteServers(deps, doomed, signal, async (item) => {
    if (!item.hasTwin) await keepSilenced(item);
  });
  await forgetUnconfirmed(deps, input, gone, signal);
  const replaced = gone.filter(({ isReplaced }) => isReplaced).length;
  const broken = gone.filter(({ isBroken }) => isBroken).length;
  return { deleted: gone.length - replaced, replaced, broken, failures };
}

async function checkLetGo(
  deps: StepDeps,
  leaving: readonly LeavingProbe[],
  signal: AbortSignal,
): Promise<void> {
  const alone = leaving.filter(({ hasTwin }) => !hasTwin).map(({ probeId }) => probeId);
  const [unsilenced, peers, scraped] = await Promise.all([
    findUnsilenced(deps, alone, signal),
    readPeers(deps),
    findScraped(deps, alone, signal),
  ]);
  if (unsilenced !== undefined) throw notYet(unsilenced.probeId, unsilenced.why);
  const published = new Set(peers?.document.peers.map((peer) => peer.server_id));
  for (const { probeId, serverId } of leaving) {
    if (published.has(serverId)) throw notYet(probeId, 'the peers document still names it');
  }
  if (scraped !== undefined) throw notYet(scraped.probeId, `Prometheus ${scraped.replica} still scrapes it`);
}

function notYet(probeId: string, why: string): Error {
  return failure('conflict', `probe ${probeId} isn't deleted: ${why}`, { terminal: false });
}
