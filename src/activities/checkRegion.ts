import { computePeers, type PublishedProbe } from '../domain/document.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { Plan } from '../domain/plan.ts';
import { computeTargets } from '../domain/target.ts';
import type { DocumentDifference } from '../domain/verification.ts';
import { computeRoster } from '../planner/roster.ts';
import { canonicalJson, getArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { countMissing, judgeProbes, summarise, type Judgement } from './judgeProbes.ts';
import { compareTargets, identifyTargets } from './publication/equality.ts';
import { askReplicas } from './publication/replicas.ts';
import { readPeers, type StoredPeers } from './published.ts';

/** What is so in a region now. */
export interface CheckedRegion extends Judgement {
  /** Of the list of peers that is in force; `null` before there is one. */
  readonly generation: number | null;
  /** What is published otherwise than the probes that exist. */
  readonly differences: readonly DocumentDifference[];
}

/**
 * Compares what is published with the probes that exist, and asks Prometheus about each of them, as the last step of a
 * pass does, but once and without waiting. Changes nothing.
 */
export async function checkRegion(
  deps: StepDeps,
  input: PassInput & { readonly inventory: ArtifactRef; readonly plan: ArtifactRef },
  signal: AbortSignal,
): Promise<CheckedRegion> {
  const [inventory, plan, stored] = await Promise.all([
    getArtifact<Inventory>(deps, input.inventory),
    getArtifact<Plan>(deps, input.plan),
    readPeers(deps),
  ]);
  const roster = listExisting(inventory);
  const groups = computeTargets(roster, deps.targets, deps.installation);
  const differences = [
    ...comparePeers(roster, stored),
    ...(await compareReplicas(deps, identifyTargets(groups), signal)),
  ];
  const generation = stored?.document.generation ?? null;
  const inForce = { generation: generation ?? 0, publishedMs: stored?.publishedMs ?? 0 };
  const results = await judgeProbes(deps, inventory, groups, inForce, signal);
  return { ...summarise(results, countMissing(plan, groups)), generation, differences };
}

/** Who is to be published before a plan is carried out: what it will remove is still there. */
function listExisting(inventory: Inventory): readonly PublishedProbe[] {
  const nobody: ReadonlySet<string> = new Set();
  return computeRoster({
    plan: { entries: [] },
    inventory,
    probes: inventory.probes,
    proven: nobody,
    unproven: nobody,
  });
}

function comparePeers(
  roster: readonly PublishedProbe[],
  stored: StoredPeers | undefined,
): readonly DocumentDifference[] {
  if (stored === undefined && roster.length === 0) return [];
  if (stored === undefined) return [{ document: 'peers', difference: 'no list is published' }];
  const differ = (difference: string): readonly DocumentDifference[] => [{ document: 'peers', difference }];
  if (!stored.signedByUs) return differ('the list is not signed by the key of peers.signingKeyFile');
  const wanted = new Set(computePeers(roster).map(canonicalJson));
  const present = new Set(stored.document.peers.map(canonicalJson));
  const [missing, stray] = [wanted.difference(present).size, present.difference(wanted).size];
  return missing + stray === 0 ? [] : differ(`${missing} missing, ${stray} too many`);
}

async function compareReplicas(
  deps: StepDeps,
  wanted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly DocumentDifference[]> {
  const owner = { installation: deps.installation, region: deps.region };
  const { replicas } = deps.publication;
  const { answers, silent } = await askReplicas(
    { replicas, required: 'any' },
    signal,
    ({ prometheus }, abort) => compareTargets(prometheus, wanted, owner, abort),
  );
  const different = answers.flatMap(({ replica, value }) =>
    value === undefined ? [] : [{ replica: replica.name, difference: value }],
  );
  return [...silent, ...different].map((one) => ({ document: 'targets', ...one }));
}
