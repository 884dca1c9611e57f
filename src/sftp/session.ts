import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import SftpClient from 'ssh2-sftp-client';

import { describeFailure, describeKeyFlaw, describeRefusal, type Attempt } from './describe.ts';
import { SftpError } from './error.ts';
import type { PinnedHostKey } from './hostKey.ts';

/** The longest wait for the server's leave, in milliseconds. */
const FAREWELL_MS = 1_000;

/** Where and as whom. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  readonly hostKey: PinnedHostKey;
  /** For connecting, for logging in and for the work, each. */
  readonly timeoutMs: number;
}

/** A connection: the client with its promises, and the calls of ssh2 for what it lacks. */
export interface Session {
  readonly client: SftpClient;
  readonly raw: Awaited<ReturnType<SftpClient['connect']>>;
}

/**
 * Connects, does a piece of work and takes leave. What isn't done in time is broken off.
 * @throws SftpError, or the signal's reason when that is aborted.
 */
export async function visit<T>(
  place: Place,
  attempt: Attempt,
  signal: AbortSignal | undefined,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const socket = connect({ host: place.host, port: place.port });
  // Whoever waits for something learns of the error there; here it only mustn't end the process.
  socket.on('error', () => undefined);
  const limited = <R>(step: Promise<R>): Promise<R> => withinTime(step, place, attempt, signal);
  try {
    await limited(once(socket, 'connect'));
    const session = await limited(logIn(place, attempt, socket));
    const result = await limited(work(session));
    await takeLeave(session);
    return result;
  } finally {
    socket.destroy();
  }
}

async function withinTime<T>(
  step: Promise<T>,
  { timeoutMs }: Place,
  attempt: Attempt,
  signal: AbortSignal | undefined,
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const ended = new AbortController();
  const over = AbortSignal.any([timeout, ...(signal === undefined ? [] : [signal])]);
  const isOver = once(over, 'abort', { signal: ended.signal }).then(() => Promise.reject(new Error('late')));
  try {
    return await Promise.race([step, isOver]);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SftpError) throw error;
    throw describeFailure(
      attempt,
      timeout.aborted ? { code: 'ETIMEDOUT', message: `no answer in ${timeoutMs} ms` } : error,
    );
  } finally {
    ended.abort();
    isOver.catch(() => undefined);
  }
}

async function logIn(place: Place, attempt: Attempt, socket: Socket): Promise<Session> {
  const { host, port, user: username, privateKey, hostKey } = place;
  const client = new SftpClient('innervisor', {});
  let refusal: SftpError | undefined;
  let hasBegun = false;
  for (const event of ['error', 'end', 'close']) client.on(event, () => (hasBegun = true));
  client.on('error', (error: { readonly level?: unknown }) => {
    if (error.level === 'client-authentication') refusal ??= describeRefusal(attempt, 'user');
  });
  const hostVerifier = (key: Buffer): boolean => {
    if (!hostKey.matches(key)) refusal = describeRefusal(attempt, key);
    return refusal === undefined;
  };
  const { algorithms } = hostKey;
  try {
    const raw = await client.connect({
      ...{ host, port, username, privateKey, sock: socket, hostVerifier },
      ...(algorithms === undefined ? {} : { algorithms: { serverHostKey: [...algorithms] } }),
      // We keep the time ourselves.
      readyTimeout: 0,
    });
    return { client, raw };
  } catch (error) {
    if (refusal !== undefined) throw refusal;
    // Nothing was sent: the library refuses what it was given, and only the key comes unchecked from a file.
    if (!hasBegun) throw describeKeyFlaw(attempt, error);
    throw error;
  }
}

/** What was to be done is done, so a server that doesn't let go is left alone. */
async function takeLeave({ client }: Session): Promise<void> {
  const farewell = client.end().catch(() => undefined);
  await Promise.race([farewell, delay(FAREWELL_MS, undefined, { ref: false })]);
}

/** A call of ssh2 as a promise. */
export function call<T>(
  start: (done: (error: Error | null | undefined, value: T) => void) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value)));
  });
}
