/**
 * Waits for something that others wait for too: an aborted signal ends the waiting and not the thing itself.
 * @throws the signal's reason when it is aborted.
 */
export async function waitFor<Value>(start: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
  if (signal === undefined) return start();
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([start(), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * Remembers what `load` gives for as long as `isFresh` says; callers that come while it loads share that load.
 * A failure isn't remembered.
 */
export function createSingleFlight<Value>(load: () => Promise<Value>, isFresh: (value: Value) => boolean) {
  let kept: Value | undefined;
  let loading: Promise<Value> | undefined;
  return {
    get(): Promise<Value> {
      if (kept !== undefined && isFresh(kept)) return Promise.resolve(kept);
      loading ??= load()
        .then((value) => (kept = value))
        .finally(() => (loading = undefined));
      return loading;
    },
    /** Forgets the value if it is the one that the caller means; a newer one stays. */
    discard(isMeant: (value: Value) => boolean): void {
      if (kept !== undefined && isMeant(kept)) kept = undefined;
    },
  };
}
