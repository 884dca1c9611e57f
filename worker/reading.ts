import { setTimeout as delay } from 'node:timers/promises';
import type { DefaultLogger } from '@temporalio/worker';

/** What is known is read anew when it is older than this, so that many scrapers cost no more than one. */
const READ_EVERY_MS = 5_000;
/** A scrape waits so long for it, then shows what was known before: Prometheus gives up after 10 seconds. */
const WAIT_MS = 3_000;

/** Shares one reading among all who ask while it goes on or is fresh. `work` never rejects. */
export function shareReading(work: () => Promise<unknown>): () => Promise<unknown> {
  let reading: { readonly atMs: number; readonly done: Promise<unknown>; isDone: boolean } | undefined;
  return () => {
    const nowMs = performance.now();
    if (reading === undefined || (reading.isDone && nowMs - reading.atMs >= READ_EVERY_MS)) {
      const started = { atMs: nowMs, done: work(), isDone: false };
      reading = started;
      void started.done.then(() => (started.isDone = true));
    }
    return reading.done;
  };
}

/** Resolves when the reading is done, or as late as a scrape can wait. */
export async function awaitReading(reading: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  const late = delay(WAIT_MS, undefined, { signal: stop.signal }).catch(() => undefined);
  await Promise.race([reading, late]).finally(() => stop.abort());
}

/** Does something that may fail for a while; says so once, and once when it works again. `''` where it fails. */
export function warnOnce(
  what: string,
  logger: DefaultLogger,
  work: () => Promise<string>,
): () => Promise<string> {
  let isFailing = false;
  return async () => {
    try {
      const result = await work();
      if (isFailing) logger.info(`no longer: ${what}`);
      isFailing = false;
      return result;
    } catch (error) {
      if (!isFailing) logger.warn(what, { error });
      isFailing = true;
      return '';
    }
  };
}
