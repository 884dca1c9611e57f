import { setTimeout as delay } from 'node:timers/promises';

/** Bounds of {@link eventually}. */
export interface EventuallyOptions {
  /** 10 seconds by default. */
  readonly timeoutMs?: number;
  /** 50 ms by default. */
  readonly intervalMs?: number;
  /** What is waited for, for the message: `the target is up`. */
  readonly describe: string;
}

/**
 * Waits until `condition` gives something truthy, and gives that.
 *
 * A condition that throws isn't met yet, so assertions can stand in it (return `true` after them).
 *
 * @throws Error on time-out, which says what was waited for and why it was not so the last time.
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 50, describe }: EventuallyOptions,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const outcome = await attempt(condition);
    if ('value' in outcome) return outcome.value;
    if (performance.now() >= deadline) {
      const { reason } = outcome;
      const why = reason instanceof Error ? reason.message : String(reason);
      throw new Error(`after ${timeoutMs} ms still not: ${describe} (${why})`, { cause: reason });
    }
    await delay(intervalMs);
  }
}

async function attempt<T>(
  condition: () => T | Promise<T>,
): Promise<{ readonly value: NonNullable<T> } | { readonly reason: unknown }> {
  try {
    const value = await condition();
    return value ? { value } : { reason: `it gave ${String(value)}` };
  } catch (reason) {
    return { reason };
  }
}
