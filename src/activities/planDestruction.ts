import type { AuditTrail, LeftBehind } from '../domain/destruction.ts';
import type { Inventory } from '../domain/inventory.ts';
import { computeInForce, describeSaid } from '../domain/orders.ts';
import type { ArtifactRef, PlanLine } from '../domain/pass.ts';
import { countActions, type PlanCounts } from '../domain/plan.ts';
import { describeChanges } from '../domain/planLines.ts';
import { computeSilenceSeconds } from '../domain/silence.ts';
import { computeDestruction } from '../planner/destroy.ts';
import { putArtifact } from './artifacts.ts';
import { describeWait, type PassInput, type StepDeps, type WaitSettings } from './deps.ts';
import { failure } from './failures.ts';
import { memoryKey, readMemory } from './memory.ts';
import { observeHypervisors, observeProbes } from './observe.ts';
import { askMonitoring, lookUpMissing, refuseEmpty, type Missing } from './observeRegion.ts';
import { ordersKey, readOrders, type StoredOrders } from './orders.ts';
import { listOwnSilences } from './ownSilences.ts';
import { listPresent } from './publication/replicas.ts';
import { readPeers } from './published.ts';

const LINES_MAX = 50;

const WHY_LEFT = 'its hypervisor is down, and its guest may live on at an address that Nova would free';

const WHERE_GONE = 'where its machines are gone for good, destroy it with --force-down ("forceDown":true)';

/** What is to be destroyed, small enough for the history; the whole plan is in the artifact. */
export interface PlannedDestruction {
  readonly inventory: ArtifactRef;
  readonly plan: ArtifactRef;
  readonly counts: PlanCounts;
  /** The first of what goes and what stays. */
  readonly changes: readonly PlanLine[];
  /** The first probes that stay. */
  readonly left: readonly LeftBehind[];
  /** Documents of the region that are there. */
  readonly documents: readonly string[];
  /** Silences of the region in force. */
  readonly silences: number;
  readonly kept: AuditTrail;
  /** The region's own limits, from which the workflow derives the timeouts of the later steps. */
  readonly wait: WaitSettings;
  /** After this, silences have ended by themselves. */
  readonly silenceMs: number;
}

/**
 * Looks for everything of the region and plans to remove it. Changes nothing in the cloud. Image, flavor and network
 * aren't asked for: they may be gone already.
 * @throws failure `emptyListing`, terminal, where Nova lists no hypervisor, unless `forceDown` says that none is left.
 * @throws failure `conflict`, terminal, while the region is frozen, and while a probe is known that can't be seen: once
 * the documents are gone, nobody would remember it.
 */
export async function planDestruction(
  deps: StepDeps,
  { forceDown }: PassInput & { readonly forceDown: boolean },
  signal: AbortSignal,
): Promise<PlannedDestruction> {
  const ordered = await readOrders(deps);
  refuseFrozen(deps, ordered);
  const published = await readPeers(deps);
  const stored = await readMemory(deps);
  await askMonitoring(deps, signal);
  const listed = await observeProbes(deps, signal);
  const hypervisors = await observeHypervisors(deps, listed, signal);
  if (!forceDown) refuseEmpty(deps, hypervisors, WHERE_GONE);
  const peers = published?.document.peers ?? [];
  const known = { peers, made: stored.memory.unconfirmed };
  const missing = await lookUpMissing(deps, known, listed, signal);
  refuseUnseen(missing);
  const inventory: Inventory = {
    installation: deps.installation,
    region: deps.region,
    hypervisors,
    probes: [...listed, ...missing.found],
    unlisted: [],
    published: peers,
    // Nothing is made, so nothing is of a revision.
    revision: '',
  };
  const plan = computeDestruction(inventory, forceDown);
  const [silences, targets] = await Promise.all([
    listOwnSilences(deps, signal),
    listPresent(deps.publication, signal),
  ]);
  return {
    inventory: await putArtifact(deps, 'inventory', inventory),
    plan: await putArtifact(deps, 'plan', plan),
    counts: countActions(plan),
    changes: describeChanges(plan).slice(0, LINES_MAX),
    left: plan.entries
      .flatMap((entry): readonly LeftBehind[] =>
        entry.action === 'defer' && entry.probe !== null
          ? [{ what: 'probe', name: entry.probe.name, why: WHY_LEFT }]
          : [],
      )
      .slice(0, LINES_MAX),
    documents: [
      ...targets,
      ...(published === undefined ? [] : [`${deps.peersKey} in S3`]),
      ...(stored.etag === null ? [] : [`${memoryKey(deps)} in S3`]),
      ...(ordered.etag === null ? [] : [`${ordersKey(deps)} in S3`]),
    ],
    silences: silences.length,
    kept: { prefix: `${deps.artifactsPrefix}${deps.region}/`, keepDays: deps.artifactsKeepDays },
    wait: deps.wait,
    silenceMs: computeSilenceSeconds(deps.silence) * 1000,
  };
}

function refuseFrozen({ region, now }: StepDeps, { orders }: StoredOrders): void {
  const { frozen } = computeInForce(orders, now());
  if (frozen === null) return;
  const message = `refused, and nothing was changed: ${region} is frozen ${describeSaid(frozen)}; "innervisor unfreeze ${region}" first`;
  throw failure('conflict', message, { terminal: true });
}

function refuseUnseen({ unlisted, unconfirmed }: Missing): void {
  const unseen = [
    ...unlisted.map((peer) => `${peer.server_id} of ${peer.hypervisor}`),
    ...unconfirmed.map(({ serverId, hypervisor }) => `${serverId} of ${hypervisor}`),
  ];
  if (unseen.length === 0) return;
  const message =
    `refused, and nothing was changed: ${describeWait(`Nova neither lists ${unseen.length} of the region's servers nor says that they are gone`, unseen)}. ` +
    'Mostly a cell is down; with the lists of them gone, nobody would remember these. Bring it back, or see that ' +
    '"openstack server show" answers 404 for each, then destroy again';
  throw failure('conflict', message, { terminal: true });
}
