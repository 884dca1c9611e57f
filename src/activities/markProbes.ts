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
): Promise<{ readonly marked: number }> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const { compute } = deps.openstack;
  let marked = 0;
  for (const entry of plan.entries) {
    if (entry.mark === undefined || !('probe' in entry) || entry.probe === null) continue;
    const { serverId } = entry.probe;
    if (entry.mark === 'retire') {
      const since = new Date(deps.now()).toISOString();
      await compute.setServerMetadata(serverId, { [metadataKeys.retireSince]: since }, signal);
    } else {
      await compute.deleteServerMetadata(serverId, metadataKeys.retireSince, signal);
    }
    marked += 1;
  }
  return { marked };
}
