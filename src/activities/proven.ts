import type { ArtifactRef } from '../domain/pass.ts';
import { getArtifact } from './artifacts.ts';
import type { StepDeps } from './deps.ts';

/** Which successors of replaced probes answer, and which don't, by probe id. */
export interface Proof {
  readonly proven: ReadonlySet<string>;
  /** They stand, but are removed again; the probes that they were to replace stay. */
  readonly unproven: ReadonlySet<string>;
}

/** A proof as it is stored. */
export interface StoredProof {
  readonly proven: readonly string[];
  readonly unproven: readonly string[];
}

/** Reads a proof; before anything was looked at, nothing is proven or unproven. */
export async function readProof(deps: StepDeps, ref: ArtifactRef | null): Promise<Proof> {
  const { proven, unproven } =
    ref === null ? { proven: [], unproven: [] } : await getArtifact<StoredProof>(deps, ref);
  return { proven: new Set(proven), unproven: new Set(unproven) };
}
