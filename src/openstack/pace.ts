/** Waits for the caller's turn. */
export type Pace = () => Promise<void>;

/**
 * Gives at most `count` turns within any `intervalMs`, in the order in which they are asked for. It goes by a clock that
 * nobody sets: by the time of day, as p-queue's rate limit does, a clock that is set back would stop all calls for as long.
 */
export function createPace(count: number, intervalMs: number): Pace {
  const turns: number[] = [];
  return async () => {
    const nowMs = performance.now();
    const [oldestMs = -Infinity] = turns.length < count ? [] : turns.splice(0, 1);
    const turnMs = Math.max(nowMs, oldestMs + intervalMs);
    turns.push(turnMs);
    if (turnMs > nowMs)
      await new Promise<void>((resolve) => {
        setTimeout(resolve, Math.ceil(turnMs - nowMs));
      });
  };
}
