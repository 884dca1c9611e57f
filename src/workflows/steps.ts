import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { WaitSettings } from '../activities/deps.ts';
import { STEPS, summarize, type Known } from './summaries.ts';

const HEARTBEAT = '20 seconds';

/** Compensation begins only when the step has stopped: otherwise it would look away while probes are still being deleted. */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** Short steps: an attempt is far longer than a request, and all attempts together are bounded. */
const SHORT: ActivityOptions = {
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '5 minutes',
  heartbeatTimeout: HEARTBEAT,
  cancellationType,
  retry: { initialInterval: '1 second', maximumInterval: '20 seconds', maximumAttempts: 5 },
};

/** The steps whose time doesn't depend on the region's configuration. */
export const shortSteps = proxySteps(SHORT, {});

/** A step that waits for the world for at most so long, with time to say what it waited for. */
function waiting(waitMs: number, attempts: number): ActivityOptions {
  const attemptMs = waitMs + 60_000;
  return {
    startToCloseTimeout: attemptMs,
    scheduleToCloseTimeout: attemptMs * attempts + 60_000,
    heartbeatTimeout: HEARTBEAT,
    cancellationType,
    retry: { initialInterval: '1 second', maximumInterval: '20 seconds', maximumAttempts: attempts },
  };
}

/** The steps that wait, with timeouts above what the region's configuration lets them wait. */
export function waitingSteps(wait: WaitSettings, known: Known = {}) {
  return {
    build: proxySteps(waiting(wait.buildMs, 3), known),
    targets: proxySteps(waiting(wait.targetsMs, 2), known),
    verify: proxySteps(waiting(wait.verifyMs, 3), known),
    remove: proxySteps(waiting(wait.deleteMs, 3), known),
  };
}

/** Each call of a step says in the timeline what it does. */
function proxySteps(options: ActivityOptions, known: Known): Activities {
  const proxied = STEPS.map((name) => {
    const call = (input: never): Promise<unknown> => {
      const steps = proxyActivities<Activities>({ ...options, summary: summarize(name, input, known) });
      return steps[name](input);
    };
    return [name, call] as const;
  });
  return Object.fromEntries(proxied) as unknown as Activities;
}
