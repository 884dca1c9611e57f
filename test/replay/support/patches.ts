import { readdir, readFile } from 'node:fs/promises';
import type { WorkflowBundle } from '@temporalio/worker';

const WORKFLOWS = new URL('../../../src/workflows/', import.meta.url);

/** Ids of all patches of today's workflow code. */
export async function listPatches(): Promise<readonly string[]> {
  const files = await readdir(WORKFLOWS);
  const sources = await Promise.all(files.map((file) => readFile(new URL(file, WORKFLOWS), 'utf8')));
  const calls = sources.flatMap((source) => [...source.matchAll(/\bpatched\((?:'([^']*)')?/g)]);
  return [...new Set(calls.map(([call, id]) => id ?? refuse(call)))].toSorted();
}

function refuse(call: string): never {
  throw new Error(`a patch must be named where it is asked for, by a text in single quotes: ${call}`);
}

/** The same workflows as if they had been changed without this patch: its new way is taken always. */
export function withoutGuard({ code }: WorkflowBundle, patch: string): WorkflowBundle {
  const guard = new RegExp(`\\(0, ?[\\w$.]+\\.patched\\)\\(["']${RegExp.escape(patch)}["']\\)`, 'g');
  const changed = code.replaceAll(guard, 'true');
  if (changed === code) throw new Error(`the bundle doesn't ask for the patch ${patch}`);
  return { code: changed };
}
