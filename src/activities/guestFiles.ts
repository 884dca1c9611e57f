import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { compareText } from '../domain/document.ts';

/** The tree that is laid over a probe's own; it is shipped with the code. */
const ROOT = join(import.meta.dirname, '../../guest/root');
/** What Python leaves behind when a test runs the exporter where it lies. */
const LEFTOVERS = '__pycache__';

/** A file in a probe. */
export interface GuestFile {
  readonly path: string;
  readonly permissions: '0644' | '0755';
  readonly content: string;
}

let files: readonly GuestFile[] | undefined;

/** All that runs inside a probe, sorted by path; read once, because it doesn't change while we run. */
export function guestFiles(): readonly GuestFile[] {
  files ??= readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(LEFTOVERS))
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted(compareText)
    .map((file) => {
      const path = `/${relative(ROOT, file)}`;
      const permissions = path.startsWith('/usr/local/bin/') ? '0755' : '0644';
      return { path, permissions, content: readFileSync(file, 'utf8') };
    });
  return files;
}
