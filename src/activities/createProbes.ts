import { setTimeout as delay } from 'node:timers/promises';
import { metadataKeys, tags } from '../domain/identity.ts';
import type { HypervisorFailure } from '../domain/failure.ts';
import type { UnconfirmedProbe } from '../domain/memory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import { isBroken, plannedProbes, type Plan } from '../domain/plan.ts';
import type { NewProbe } from '../domain/probe.ts';
import { OpenStackError } from '../openstack/error.ts';
import { getArtifact } from './artifacts.ts';
import type { PassInput, PlannedInput, StepDeps } from './deps.ts';
import { classify } from './failures.ts';
import { lookUpServers, type LookedUp } from './lookUp.ts';
import { observeProbes } from './observe.ts';
import { pinTo } from './pinTo.ts';
import { resolveProbeSpec, type ProbeSpec } from './probeSpec.ts';
import { releaseSilences } from './silences.ts';
import type { Refusal } from './tryEach.ts';
import { findUnconfirmed, rememberDespiteError, rememberUnconfirmed } from './unconfirmed.ts';
import { renderUserData } from './userData.ts';

/** A slice of the plan's new probes: `from` inclusive, `to` exclusive. */
export interface CreateInput extends PlannedInput {
  readonly spec: ProbeSpec;
  readonly from: number;
  readonly to: number;
}

/** What came of one slice; what Nova accepted is still being built. */
export interface CreatedProbes {
  readonly names: readonly string[];
  readonly failures: readonly HypervisorFailure[];
}

/** Resolves image, flavor and networks once for all creations of a pass; also frees ids from old silences. */
export async function prepareCreation(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef },
  signal: AbortSignal,
): Promise<ProbeSpec> {
  const planned = new Set(
    plannedProbes(await getArtifact<Plan>(deps, input.plan)).map(({ probeId }) => probeId),
  );
  await releaseSilences(deps, (probeId) => planned.has(probeId), signal);
  return await resolveProbeSpec(deps, signal);
}

/**
 * By then a worker that moves and reaches Temporal has been told that its attempt was given up: it asks every 3 s, and every
 * 5 s when Temporal was away. Two that look and create at the same time would make two servers.
 */
const EARLIER_ENDS_MS = 12_000;

/**
 * Step 5a: asks Nova for a slice of the new probes. One hypervisor that fails never stops the others. However it ends, the
 * servers that Nova named are remembered while S3 answers: what lists leave out would be made a second time.
 */
export async function createProbes(
  deps: StepDeps,
  input: CreateInput,
  signal: AbortSignal,
): Promise<CreatedProbes> {
  if (!deps.isFirstAttempt) {
    deps.tell('waits until no earlier attempt makes probes any more');
    await delay(EARLIER_ENDS_MS, undefined, { signal });
  }
  const plan = await getArtifact<Plan>(deps, input.plan);
  const probes = plannedProbes(plan, input.order).slice(input.from, input.to);
  const inTheWay = await listInTheWay(deps, plan, probes, signal);
  const made = await findUnconfirmed(deps, probes, signal);
  const accepted: UnconfirmedProbe[] = [];
  const failures: HypervisorFailure[] = [];
  try {
    for (const probe of probes.filter(({ probeId }) => !made.has(probeId))) {
      const { hypervisor, probeId } = probe;
      const asked = inTheWay.has(probeId) ? IN_THE_WAY : await ensureProbe(deps, probe, input.spec, signal);
      if (typeof asked === 'string') accepted.push({ hypervisor, probeId, serverId: asked });
      else if (asked !== undefined) failures.push({ ...probeOf(probe), ...asked });
    }
  } catch (error) {
    await rememberDespiteError(deps, input, accepted, signal);
    throw error;
  }
  await rememberUnconfirmed(deps, input, accepted, signal);
  return { names: probes.map(({ name }) => name), failures };
}

const IN_THE_WAY = {
  kind: 'conflict',
  message: 'not made, since the probe that was to make room for it still exists; the next pass looks again',
} as const;

/** Of these new probes, those whose predecessors had to go first and are still there: never two on one hypervisor. */
async function listInTheWay(
  deps: StepDeps,
  plan: Plan,
  probes: readonly NewProbe[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const asked = new Set(probes);
  const broken = plan.entries.filter(isBroken).filter(({ create }) => asked.has(create));
  if (broken.length === 0) return new Set();
  const present = new Set((await observeProbes(deps, signal)).map(({ serverId }) => serverId));
  const unlisted = broken.map(({ probe }) => probe.serverId).filter((serverId) => !present.has(serverId));
  const answers = await lookUpServers(deps, unlisted, signal);
  return new Set(
    broken.filter(({ probe }) => !isGone(answers.get(probe.serverId))).map(({ create }) => create.probeId),
  );
}

/** A list may leave a server out: it is gone only when Nova says so of its id. */
function isGone(answer: LookedUp | undefined): boolean {
  if (answer === undefined || typeof answer === 'string') return answer === 'gone';
  return answer.status === 'DELETED' || answer.phase === 'softDeleted';
}

function probeOf({
  hypervisor,
  probeId,
}: NewProbe): Pick<HypervisorFailure, 'hypervisor' | 'probeId' | 'step'> {
  return { hypervisor, probeId, step: 'create' };
}

/**
 * Adopts the probe if an earlier attempt made it, or else creates it; gives the server's id. A lost answer isn't
 * repeated: whether the server exists is found out by its tag while waiting for it.
 */
async function ensureProbe(
  deps: StepDeps,
  probe: NewProbe,
  spec: ProbeSpec,
  signal: AbortSignal,
): Promise<string | Refusal | undefined> {
  const { compute } = deps.openstack;
  const mine = await compute.listServers(
    { tags: [tags.installation(deps.installation), tags.probe(probe.probeId)] },
    signal,
  );
  const [adopted] = mine;
  if (adopted !== undefined) return adopted.id;
  try {
    // Not cut off when the pass is cancelled: what Nova is about to make would escape the compensation.
    const { id } = await compute.createServer(
      {
        name: probe.name,
        imageId: spec.imageId,
        flavorId: spec.flavorId,
        networkIds: spec.networkIds,
        securityGroups: deps.probe.securityGroups,
        keyName: deps.probe.keyName,
        configDrive: true,
        userDataBase64: renderUserData(deps, probe),
        metadata: probeMetadata(deps, probe),
        tags: [
          tags.ours,
          tags.installation(deps.installation),
          tags.region(deps.region),
          tags.probe(probe.probeId),
        ],
        pinning: pinTo({ ...probe, hostname: probe.hypervisor }, deps.probe.pinning),
      },
      deps.lost(),
    );
    return id;
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    if (error.effect === 'unknown') return undefined;
    const { kind, terminal } = classify(error);
    if (terminal === null && kind !== 'quotaExceeded' && kind !== 'conflict') throw error;
    return { kind, message: error.message };
  }
}

function probeMetadata(deps: StepDeps, probe: NewProbe): Record<string, string> {
  return {
    [metadataKeys.installation]: deps.installation,
    [metadataKeys.region]: deps.region,
    [metadataKeys.hypervisor]: probe.hypervisor,
    [metadataKeys.probe]: probe.probeId,
    [metadataKeys.revision]: probe.revision,
    [metadataKeys.generation]: String(probe.generation),
  };
}
