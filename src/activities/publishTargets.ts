import { setTimeout as delay } from 'node:timers/promises';
import type { ArtifactRef, ReplicaDifference } from '../domain/pass.ts';
import type { TargetGroup } from '../domain/target.ts';
import { getArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { compareTargets, identifyTargets } from './publication/equality.ts';
import type { TargetsPublisher } from './publication/publisher.ts';
import { askReplicas, type Replica } from './publication/replicas.ts';

/** What Prometheus has after the step: exactly the published set. */
export interface PublishedTargets {
  readonly written: boolean;
  readonly targets: number;
  /** Replicas that don't have it, where one that has it is enough; left out if there are none. */
  readonly unequal?: readonly ReplicaDifference[];
}

/** Step 9: publishes the targets, reloads where that is configured, and waits until Prometheus has exactly them. */
export async function publishTargets(
  deps: StepDeps,
  input: PassInput & { readonly targets: ArtifactRef },
  signal: AbortSignal,
): Promise<PublishedTargets> {
  const groups = await getArtifact<readonly TargetGroup[]>(deps, input.targets);
  const wanted = identifyTargets(groups);
  const deadlineMs = performance.now() + deps.wait.targetsMs;
  const written = new Map<TargetsPublisher, Promise<'written' | 'unchanged'>>();
  const { answers, silent } = await askReplicas(deps.publication, signal, async (replica, abort) => {
    const { publisher } = replica;
    const publishing = written.get(publisher) ?? publisher.publish(groups, abort);
    written.set(publisher, publishing);
    return {
      outcome: await publishing,
      difference: await awaitEquality(deps, replica, wanted, deadlineMs, abort),
    };
  });
  const different = answers.filter(({ value }) => value.difference !== undefined);
  if (different.length > 0 && (deps.publication.required === 'all' || different.length === answers.length)) {
    const message = different
      .map(({ replica, value }) => describe(deps, replica, value.difference))
      .join('; ');
    throw failure('timeout', message, { terminal: false });
  }
  const unequal = [
    ...silent,
    ...different.map(({ replica, value }) => ({ replica: replica.name, difference: value.difference ?? '' })),
  ];
  return {
    written: answers.some(({ value }) => value.outcome === 'written'),
    targets: wanted.size,
    ...(unequal.length === 0 ? {} : { unequal }),
  };
}

function describe({ wait }: StepDeps, { name, publisher }: Replica, difference: string | undefined): string {
  return (
    `Prometheus ${name} does not have the published targets after ${wait.targetsMs / 1000} s: ${difference}; ` +
    publisher.advice
  );
}

/** How the replica still differs when the time is over; `undefined` as soon as it doesn't. */
async function awaitEquality(
  deps: StepDeps,
  { name, prometheus, publisher }: Replica,
  wanted: ReadonlySet<string>,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const owner = { installation: deps.installation, region: deps.region };
  // Also after an attempt that has written and then didn't come to it.
  let mustReload = deps.publication.reload && publisher.isFile;
  for (;;) {
    const difference = await compareTargets(prometheus, wanted, owner, signal);
    if (difference === undefined || performance.now() >= deadlineMs) return difference;
    if (mustReload) await prometheus.reload(signal);
    mustReload = false;
    deps.tell(`Prometheus ${name} hasn't taken them over yet: ${difference}`);
    await delay(deps.wait.pollMs, undefined, { signal });
  }
}
