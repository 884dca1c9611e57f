import { failure } from './failures.ts';

const BEAT_EVERY_MS = 1_000;

/**
 * Temporal gives a step to another worker 20 s after the last heartbeat that it has heard, and may have heard none for 6 s
 * when this worker came to a halt.
 */
const STANDSTILL_MS_MAX = 10_000;

/** What a worker takes up just after a standstill may have been sent to it before, and be another one's since. */
const STALE_MS = 5_000;

/**
 * Feels whether this process moves. One that stood still (it was frozen, or starved) may find its steps with another worker:
 * both would look whether something was made already, and both would make it.
 */
export class Pulse {
  #lost = new AbortController();
  #beatMs = performance.now();
  #stoodUntilMs = -Infinity;

  constructor() {
    setInterval(() => {
      this.beat();
    }, BEAT_EVERY_MS).unref();
  }

  /** For a step that begins now: aborted once it may be another worker's. */
  begin(): AbortSignal {
    this.beat();
    if (this.#lost.signal.aborted && performance.now() - this.#stoodUntilMs > STALE_MS)
      this.#lost = new AbortController();
    return this.#lost.signal;
  }

  /** Looks at the clock; for right before what must not be done twice. */
  beat(): void {
    const nowMs = performance.now();
    const stoodMs = nowMs - this.#beatMs;
    this.#beatMs = nowMs;
    if (stoodMs <= STANDSTILL_MS_MAX) return;
    this.#stoodUntilMs = nowMs;
    const seconds = Math.round(stoodMs / 1_000);
    const message = `this worker stood still for ${seconds} s, so another one may have the step by now; it is tried again`;
    this.#lost.abort(failure('timeout', message, { terminal: false }));
  }
}
