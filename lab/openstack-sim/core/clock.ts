/** Something that will happen; see {@link Clock.after}. */
export interface Timer {
  cancel(): void;
}

/** The simulated cloud's own time: everything asynchronous in it waits for this. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Does something later; what is due at the same time happens in the order of its scheduling. */
  after(delayMs: number, act: () => void): Timer;
  /** Resolves later. */
  wait(delayMs: number): Promise<void>;
  /**
   * Moves a manual clock, doing on the way what falls due, each at its own time.
   *
   * @throws Error on a clock that runs by itself.
   */
  advance(ms: number): void;
  /** How many things are scheduled: by this a test sees that a request waits. */
  scheduled(): number;
  /** Forgets what is scheduled. */
  stop(): void;
}

/** `real` runs with the machine's clock; `manual` stands still until a test moves it. */
export type ClockKind = 'real' | 'manual';

/** Where a manual clock begins. */
export const MANUAL_START_MS = Date.parse('2026-01-01T00:00:00Z');

/** Makes a clock. */
export function createClock(kind: ClockKind): Clock {
  return kind === 'real' ? createRealClock() : createManualClock();
}

function createRealClock(): Clock {
  const pending = new Set<NodeJS.Timeout>();
  const after = (delayMs: number, act: () => void): Timer => {
    const timeout = setTimeout(() => {
      pending.delete(timeout);
      act();
    }, delayMs);
    pending.add(timeout);
    return {
      cancel: () => {
        pending.delete(timeout);
        clearTimeout(timeout);
      },
    };
  };
  return {
    now: () => Date.now(),
    after,
    wait: (delayMs) => new Promise((resolve) => void after(delayMs, resolve)),
    advance: () => {
      throw new Error('only a manual clock can be moved');
    },
    scheduled: () => pending.size,
    stop: () => {
      for (const timeout of pending) clearTimeout(timeout);
      pending.clear();
    },
  };
}

interface Due {
  readonly atMs: number;
  readonly act: () => void;
}

function createManualClock(): Clock {
  let nowMs = MANUAL_START_MS;
  /** Sorted by time; equal times in the order of scheduling. */
  const due: Due[] = [];
  const after = (delayMs: number, act: () => void): Timer => {
    const entry = { atMs: nowMs + Math.max(0, delayMs), act };
    due.splice(upperBound(due, entry.atMs), 0, entry);
    return {
      cancel: () => {
        const index = due.indexOf(entry);
        if (index >= 0) due.splice(index, 1);
      },
    };
  };
  return {
    now: () => nowMs,
    after,
    wait: (delayMs) => new Promise((resolve) => void after(delayMs, resolve)),
    advance: (ms) => {
      const endMs = nowMs + ms;
      for (let next = due[0]; next !== undefined && next.atMs <= endMs; next = due[0]) {
        due.shift();
        nowMs = next.atMs;
        next.act();
      }
      nowMs = endMs;
    },
    scheduled: () => due.length,
    stop: () => void (due.length = 0),
  };
}

function upperBound(due: readonly Due[], atMs: number): number {
  let low = 0;
  let high = due.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((due[middle]?.atMs ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
