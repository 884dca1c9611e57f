import type { HypervisorFailure } from '../domain/failure.ts';
import { metadataKeys } from '../domain/identity.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { Plan } from '../domain/plan.ts';
import { getArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { tryEach } from './tryEach.ts';

/** Writes or clears "has had a reason to go since" in the probes' metadata: the cloud remembers it, not we. */
export async function markProbes(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef },
  signal: AbortSignal,
): Promise<{ readonly marked: number; readonly failures: readonly HypervisorFailure[] }> {
  const { entries } = await getArtifact<Plan>(deps, input.plan);
  const { compute } = deps.openstack;
  const marks = entries.flatMap(({ hypervisor, mark, ...entry }) =>
    mark === undefined || !('probe' in entry) || entry.probe === null
      ? []
      : [{ ...entry.probe, hypervisor, mark }],
  );
  const { done, refused } = await tryEach(deps, marks, async ({ serverId, mark }) => {
    await (mark === 'retire'
      ? compute.setServerMetadata(serverId, { [metadataKeys.retireSince]: isoTime(deps) }, signal)
      : compute.deleteServerMetadata(serverId, metadataKeys.retireSince, signal));
    return undefined;
  });
  const failures = refused.map(({ item: { hypervisor, probeId }, refusal }): HypervisorFailure => ({
    hypervisor,
    probeId,
    step: 'mark',
    ...refusal,
  }));
  return { marked: done.length, failures };
}

function isoTime(deps: StepDeps): string {
  return new Date(deps.now()).toISOString();
}
