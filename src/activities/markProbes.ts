import type { HypervisorFailure } from '../domain/failure.ts';
import { OpenStackError } from '../openstack/error.ts';
import { classify } from './failures.ts';
import { metadataKeys } from '../domain/identity.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { Plan } from '../domain/plan.ts';
import { getArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';

/** Writes or clears "has had a reason to go since" in the probes' metadata: the cloud remembers it, not we. */
export async function markProbes(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef },
  signal: AbortSignal,
): Promise<{ readonly marked: number; readonly failures: readonly HypervisorFailure[] }> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const { compute } = deps.openstack;
  const failures: HypervisorFailure[] = [];
  let marked = 0;
  for (const { hypervisor, mark, ...entry } of plan.entries) {
    if (mark === undefined || !('probe' in entry) || entry.probe === null) continue;
    const { serverId, probeId } = entry.probe;
    try {
      await (mark === 'retire'
        ? compute.setServerMetadata(serverId, { [metadataKeys.retireSince]: isoTime(deps) }, signal)
        : compute.deleteServerMetadata(serverId, metadataKeys.retireSince, signal));
      marked += 1;
    } catch (error) {
      if (!(error instanceof OpenStackError)) throw error;
      const { kind, terminal } = classify(error);
      // Nova refuses it for one probe in ERROR or being built; the others are marked all the same.
      if (terminal === null && kind !== 'conflict') throw error;
      failures.push({ hypervisor, probeId, step: 'mark', kind, message: error.message });
    }
  }
  return { marked, failures };
}

function isoTime(deps: StepDeps): string {
  return new Date(deps.now()).toISOString();
}
