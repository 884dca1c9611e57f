import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';

import { call, type Session } from './session.ts';

/** Prometheus runs as another user and must be able to read what we publish. */
const FILE_MODE = 0o644;

/** Older than this, a temporary file is what a broken connection left; no writer takes so long. */
const ABANDONED_AGE_MS = 60 * 60 * 1_000;

/** See `SftpClient.replaceFile`; calls `renaming` right before the file may have changed. */
export async function replaceText(
  session: Session,
  path: string,
  text: string,
  renaming: () => void,
): Promise<void> {
  const { client } = session;
  const prefix = `.${posix.basename(path)}.`;
  // The ending keeps the temporary file out of a pattern like `*.json` that Prometheus watches.
  const temporary = posix.join(posix.dirname(path), `${prefix}${randomUUID()}.tmp`);
  let isRenamed = false;
  try {
    await client.put(Buffer.from(text), temporary, {
      writeStreamOptions: { flags: 'w', mode: FILE_MODE },
    });
    // The server's umask goes over the mode that a file is made with.
    await client.chmod(temporary, FILE_MODE);
    await flush(session, temporary);
    renaming();
    await client.posixRename(temporary, path);
    isRenamed = true;
    await removeAbandoned(session, path, prefix);
  } finally {
    // If this fails too, a later write removes it; the first failure is the one to be read.
    if (!isRenamed) await client.delete(temporary, true).catch(() => undefined);
  }
}

/**
 * Durably, where the server can: the rename must not reach the disk before the text does.
 * https://github.com/openssh/openssh-portable/blob/V_9_2_P1/PROTOCOL (fsync@openssh.com)
 */
async function flush({ raw }: Session, path: string): Promise<void> {
  const handle = await call<Buffer>((done) => raw.open(path, 'r+', done));
  try {
    await call<unknown>((done) => raw.ext_openssh_fsync(handle, done));
  } catch (error) {
    // What a server answers has a status; without one, it doesn't know the request.
    if (error instanceof Error && 'code' in error) throw error;
  } finally {
    await call<unknown>((done) => raw.close(handle, (error) => done(error, undefined)));
  }
}

/** Compares with our own file by the server's clock. What can't be seen or removed harms nobody. */
async function removeAbandoned({ client }: Session, path: string, prefix: string): Promise<void> {
  try {
    const { modifyTime: nowMs } = await client.stat(path);
    const left = await client.list(
      posix.dirname(path),
      ({ name, modifyTime }) =>
        name.startsWith(prefix) && name.endsWith('.tmp') && nowMs - modifyTime > ABANDONED_AGE_MS,
    );
    for (const { name } of left) await client.delete(posix.join(posix.dirname(path), name), true);
  } catch (error) {
    // Only a status: a connection that breaks here has still done its work.
    if (!(error instanceof Error)) throw error;
  }
}
