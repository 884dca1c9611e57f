import { failure } from './failures.ts';

const BEAT_EVERY_MS = 1_000;

/**
 * Temporal gives a step to another worker 20 s after the last heartbeat that it has heard, and may have heard none for 6 s
 * when this worker came to a halt.
 */
const STANDSTILL_MS_MAX = 10_000;

/** What a worker takes up just after a standstill may have been sent to it before, and be another one's since. */
const STALE_MS = 5_000;

/** A step that this worker has begun. */
export interface HeldStep {
  /** Aborted once the step may be another worker's. */
  readonly signal: AbortSignal;
  /** To be called when the step ends. */
  end(): void;
}

/**
 * Feels whether this process moves. One that stood still (it was frozen, or starved) may find its steps with another worker:
 * both would look whether something was made already, and both would make it.
 */
export class Pulse {
  readonly #held = new Set<AbortController>();
  #beatMs = performance.now();
  #stoodUntilMs = -Infinity;

  constructor() {
    setInterval(() => {
      this.beat();
    }, BEAT_EVERY_MS).unref();
  }

  /** Of a step that begins now. */
  hold(): HeldStep {
    this.beat();
    const step = new AbortController();
    if (performance.now() - this.#stoodUntilMs <= STALE_MS) step.abort(stoodStill());
    else this.#held.add(step);
    return { signal: step.signal, end: () => this.#held.delete(step) };
  }

  /** Looks at the clock; for right before what must not be done twice. */
  beat(): void {
    const nowMs = performance.now();
    const stoodMs = nowMs - this.#beatMs;
    this.#beatMs = nowMs;
    if (stoodMs <= STANDSTILL_MS_MAX) return;
    this.#stoodUntilMs = nowMs;
    for (const step of this.#held) step.abort(stoodStill());
    this.#held.clear();
  }
}

function stoodStill(): Error {
  const message = 'this worker stood still, so another one may have the step by now; it is tried again';
  return failure('timeout', message, { terminal: false });
}
