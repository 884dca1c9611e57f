import { PullRefused } from './pullRefused.ts';

/** As much as a real agent takes. */
const BYTES_MAX = 2048 * 1024;
const TIMEOUT_MS = 3_000;

/** A fetched document; the very same object as long as the server says that nothing has changed. */
export interface Fetched {
  readonly text: string;
  readonly etag: string | null;
}

/** Documents by URL, fetched anonymously. */
export interface PeersSource {
  /**
   * @throws PullRefused when the server doesn't answer in 3 s, answers with an error or nothing, or with more
   * than 2 MiB.
   */
  fetch(url: string): Promise<Fetched>;
}

interface Attempt {
  readonly startedMs: number;
  readonly outcome: Promise<Fetched>;
}

/**
 * Fetches each URL at most once in `shareMs`, for all guests together: each real guest has a machine for its
 * pulls, but two thousand guests in one process that pull every two seconds would be a thousand requests a
 * second to one S3 server beside them. Failures are shared as well, so each guest knows within its own
 * interval and `shareMs` that S3 is gone.
 */
export function createPeersSource(now: () => number, shareMs: number): PeersSource {
  const attempts = new Map<string, Attempt>();
  const known = new Map<string, Fetched>();

  async function attempt(url: string): Promise<Fetched> {
    const fetched = await fetchDocument(url, known.get(url));
    known.set(url, fetched);
    return fetched;
  }

  return {
    fetch: (url) => {
      const last = attempts.get(url);
      const ageMs = last === undefined ? Infinity : now() - last.startedMs;
      if (last !== undefined && ageMs >= 0 && ageMs < shareMs) return last.outcome;
      const outcome = attempt(url);
      attempts.set(url, { startedMs: now(), outcome });
      return outcome;
    },
  };
}

async function fetchDocument(url: string, known: Fetched | undefined): Promise<Fetched> {
  const headers = known?.etag ? { 'if-none-match': known.etag } : {};
  const given = new AbortController();
  const timer = setTimeout(() => {
    given.abort(new Error(`no answer in ${TIMEOUT_MS} ms`));
  }, TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      headers,
      redirect: 'error',
      signal: given.signal,
    });
    if (response.status === 304 && known !== undefined) {
      await response.body?.cancel();
      return known;
    }
    if (response.status !== 200) {
      await response.body?.cancel();
      const isMissing = response.status === 403 || response.status === 404;
      const result = isMissing ? 'missing' : 'http_error';
      throw new PullRefused(result, `S3 answers with status ${response.status}`);
    }
    const text = await readBounded(response);
    if (text === '') throw new PullRefused('empty', 'S3 answers with nothing');
    return { text, etag: response.headers.get('etag') };
  } catch (error) {
    if (error instanceof PullRefused) throw error;
    throw new PullRefused('unreachable', `S3 does not answer: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (bytes > BYTES_MAX) {
      throw new PullRefused('too_large', `the peers document has more than ${BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `fetch` says only "fetch failed"; why is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error.message;
}
