import { failure } from './failures.ts';

/**
 * Temporal gives a step to another worker 20 s after the last heartbeat that it has heard, and may have heard none for 6 s
 * when this worker came to a halt.
 */
const STANDSTILL_MS_MAX = 10_000;

/**
 * Tells a worker that stood still (it was frozen, or starved) that another one may have its step by now. What finds out by
 * looking whether it was done already must not go on then: both would look, and both would do it.
 */
export class Lease {
  readonly #lost = new AbortController();
  #movedMs = performance.now();

  /** Aborted once the step may be another worker's; looks at the clock when it is asked for. */
  get signal(): AbortSignal {
    this.renew();
    return this.#lost.signal;
  }

  /** Says that the worker moves; to be called all the time. */
  renew(): void {
    const nowMs = performance.now();
    const stoodMs = nowMs - this.#movedMs;
    this.#movedMs = nowMs;
    if (stoodMs <= STANDSTILL_MS_MAX) return;
    const seconds = Math.round(stoodMs / 1_000);
    const message = `this worker stood still for ${seconds} s, so another one may have the step by now; it is tried again`;
    this.#lost.abort(failure('timeout', message, { terminal: false }));
  }
}
