import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { PrometheusError } from './error.ts';

/** Prometheus runs as another user and must be able to read what we publish. */
const FILE_MODE = 0o644;

/** Older than this, a temporary file is what a killed process left; no writer takes so long. */
const ABANDONED_AGE_MS = 60 * 60 * 1_000;

/**
 * Replaces a file by rename, durably: after a crash there is the old text or the new one. A symbolic link at that path
 * is replaced itself. No temporary file stays behind, not even that of a process that was killed some time ago.
 * @throws PrometheusError `writeFailed`; its effect is `none` as long as the old file is in place.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const directory = dirname(path);
  const prefix = `.${basename(path)}.`;
  // The ending keeps the temporary file out of a pattern like `*.json` that Prometheus watches.
  const temporary = join(directory, `${prefix}${randomUUID()}.tmp`);
  let effect: 'none' | 'unknown' = 'none';
  try {
    await writeDurably(temporary, text);
    await rename(temporary, path);
    effect = 'unknown';
    await flush(directory);
    await removeAbandoned(directory, prefix);
  } catch (error) {
    const left = await removeTemporary(temporary);
    const message = `cannot write ${path}: ${reasonOf(error)}; check the directory, its owner and the space left${left}`;
    throw new PrometheusError({ code: 'writeFailed', effect, message });
  }
}

/**
 * Removes a file, durably; an absent one is a success.
 * @throws PrometheusError `writeFailed`.
 */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
    await flush(dirname(path));
  } catch (error) {
    const message = `cannot remove ${path}: ${reasonOf(error)}; check the directory and its owner`;
    throw new PrometheusError({ code: 'writeFailed', effect: 'unknown', message });
  }
}

/** What to add to the message if the temporary file can't be removed either; usually nothing. */
async function removeTemporary(temporary: string): Promise<string> {
  return rm(temporary, { force: true }).then(
    () => '',
    (error: unknown) => `; its temporary file may be left: ${reasonOf(error)}`,
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    await file.writeFile(text, 'utf8');
    await file.chmod(FILE_MODE);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flush(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeAbandoned(directory: string, prefix: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
    const path = join(directory, name);
    const found = await stat(path).catch(ignoreAbsent);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AGE_MS) await rm(path, { force: true });
  }
}

/** Another writer's temporary file may be renamed away while we look. */
function ignoreAbsent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
