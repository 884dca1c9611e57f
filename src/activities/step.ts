import { cancelled, Context, type Info } from '@temporalio/activity';
import { failure, toFailure } from './failures.ts';
import type { ActivityDeps, PassInput, StepDeps } from './deps.ts';
import type { Pulse } from './pulse.ts';

const HEARTBEAT_EVERY_MS = 3_000;
const TOLD_LENGTH_MAX = 300;

/** A step of the pass before it is bound to its dependencies. */
export type Step<Input extends PassInput, Result> = (
  deps: StepDeps,
  input: Input,
  signal: AbortSignal,
) => Promise<Result>;

/**
 * Binds a step to the region that its input names, keeps its heartbeat, stops it where another worker may have it, and
 * turns clients' errors into failures. A region of another task queue is terminal and names that; an unknown one names those that exist.
 */
export function bindStep<Input extends PassInput, Result>(
  deps: ActivityDeps & { readonly pulse: Pulse },
  step: Step<Input, Result>,
): (input: Input) => Promise<Result> {
  return async (input) => {
    const region = deps.regions.get(input.region);
    if (region === undefined)
      throw failure('invalidConfig', describeUnserved(deps, input.region), { terminal: true });
    const context = Context.current();
    const { pulse } = deps;
    const held = pulse.hold();
    const begunMs = performance.now();
    let told: string | undefined;
    const beat = setInterval(() => {
      context.heartbeat(told);
    }, HEARTBEAT_EVERY_MS);
    const tell = (progress: string): void => {
      told = progress.slice(0, TOLD_LENGTH_MAX);
      context.heartbeat(told);
    };
    try {
      return await step(
        {
          ...region,
          installation: deps.installation,
          now: deps.now,
          passedMs: (sinceMs) =>
            context.info.currentAttemptScheduledTimestampMs - sinceMs + performance.now() - begunMs,
          tell,
          isFirstAttempt: context.info.attempt === 1,
          isLastAttempt: endsAttempts(context.info),
          lost: () => {
            pulse.beat();
            return held.signal;
          },
        },
        input,
        AbortSignal.any([context.cancellationSignal, held.signal]),
      );
    } catch (error) {
      if (context.cancellationSignal.aborted) await cancelled();
      throw toFailure(error);
    } finally {
      held.end();
      clearInterval(beat);
    }
  };
}

/** Attempts are limited in number and by the time for all of them; a further one may take as long as this one. */
function endsAttempts({
  attempt,
  retryPolicy,
  scheduledTimestampMs,
  currentAttemptScheduledTimestampMs,
  startToCloseTimeoutMs,
  scheduleToCloseTimeoutMs,
}: Info): boolean {
  const { maximumAttempts = Infinity } = retryPolicy ?? {};
  const usedMs = currentAttemptScheduledTimestampMs - scheduledTimestampMs;
  return attempt >= maximumAttempts || usedMs + 2 * startToCloseTimeoutMs > scheduleToCloseTimeoutMs;
}

function describeUnserved({ regions, elsewhere }: ActivityDeps, region: string): string {
  const taskQueue = elsewhere.get(region);
  const known = [...regions.keys()].join(', ');
  return taskQueue === undefined
    ? `region ${JSON.stringify(region)} is not in this worker's innervisor.yaml; it has: ${known}`
    : `region ${JSON.stringify(region)} is on task queue ${JSON.stringify(taskQueue)}, and this worker's has: ${known}; start it on its own task queue`;
}
