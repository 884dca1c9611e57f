import { computePlanHash } from '../domain/approval.ts';
import { listPaused, type Finding } from '../domain/finding.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { ArtifactRef, PlanLine } from '../domain/pass.ts';
import { countActions, type PlanCounts } from '../domain/plan.ts';
import { describeChanges } from '../domain/planLines.ts';
import type { Selection } from '../domain/selection.ts';
import { computePlan } from '../planner/plan.ts';
import { getArtifact, putArtifact, sha256 } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';

const LINES_MAX = 50;

/** A plan as the history shows it; the whole of it is in the artifact. */
export interface PlannedChanges {
  readonly plan: ArtifactRef;
  readonly counts: PlanCounts;
  readonly changes: readonly PlanLine[];
  readonly held: readonly string[];
  /** The first hypervisors that are left alone for a while; older workers leave it out. */
  readonly findings?: readonly Finding[];
  /** How a held plan may still be carried out; older workers leave it out, and then it may not. */
  readonly approval?: { readonly planHash: string; readonly timeoutMs: number };
}

/** Step 3: computes the plan and asks the guard. Changes nothing. */
export async function planChanges(
  deps: StepDeps,
  input: PassInput & { readonly inventory: ArtifactRef; readonly selection: ArtifactRef },
): Promise<PlannedChanges> {
  const inventory = await getArtifact<Inventory>(deps, input.inventory);
  const selection = await getArtifact<Selection>(deps, input.selection);
  const plan = computePlan({ inventory, selection, policy: deps.policy, nowMs: deps.now(), sha256 });
  const changes = describeChanges(plan).slice(0, LINES_MAX);
  return {
    plan: await putArtifact(deps, 'plan', plan),
    counts: countActions(plan),
    changes,
    held: plan.held,
    findings: listPaused(plan.entries).slice(0, LINES_MAX),
    ...(plan.held.length === 0
      ? {}
      : { approval: { planHash: computePlanHash(plan, sha256), timeoutMs: deps.approvalTimeoutMs } }),
  };
}
