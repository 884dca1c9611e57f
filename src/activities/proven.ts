import type { ArtifactRef } from '../domain/pass.ts';
import { getArtifact } from './artifacts.ts';
import type { StepDeps } from './deps.ts';

/** The ids of new probes that have proved themselves; none before that was looked at. */
export async function readProven(deps: StepDeps, ref: ArtifactRef | null): Promise<ReadonlySet<string>> {
  return new Set(ref === null ? [] : await getArtifact<readonly string[]>(deps, ref));
}
