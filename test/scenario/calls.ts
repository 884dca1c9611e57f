import { setTimeout as delay } from 'node:timers/promises';
import type { LoggedRequest, ScenarioCloud } from './cloud.ts';

/** What an action cost at the services. */
export interface CountedCalls<T> {
  readonly result: T;
  /** Without those that the services make among themselves. */
  readonly requests: readonly LoggedRequest[];
  /** In words, also with what the services asked each other, and what they ask when nobody does anything. */
  readonly figures: string;
}

/** Counts an action's calls, and the background traffic over as long a time right after it. */
export async function countCalls<T>(
  cloud: ScenarioCloud,
  action: () => Promise<T>,
): Promise<CountedCalls<T>> {
  const mark = await cloud.mark();
  const started = performance.now();
  const result = await action();
  const requests = await cloud.requestsSince(mark);
  const all = await cloud.requestsSince(mark, { internal: true });
  const lastedMs = performance.now() - started;

  const quiet = await cloud.mark();
  // The time itself is what is measured here, not waited for.
  await delay(lastedMs);
  const background = await cloud.requestsSince(quiet, { internal: true });
  const figures =
    `${requests.length} calls at the services; with those among themselves ${all.length}, ` +
    `of which ${background.length} come in ${(lastedMs / 1000).toFixed(1)} s when nobody does anything`;
  return { result, requests, figures };
}
