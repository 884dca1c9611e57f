import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderDashboards } from './index.ts';

/** Where the dashboards are committed, and mounted from into Grafana. */
export const COMMITTED_FOLDER = join(import.meta.dirname, '..', 'grafana');

/** Writes a file for each dashboard into a folder, which is made; gives their paths. */
export async function writeDashboards(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  return await Promise.all(
    renderDashboards().map(async ({ uid, json }) => {
      const path = join(folder, `${uid}.json`);
      await writeFile(path, json);
      return path;
    }),
  );
}

if (import.meta.main) await writeDashboards(COMMITTED_FOLDER);
