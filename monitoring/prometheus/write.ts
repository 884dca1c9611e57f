import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GENERIC, renderRuleFiles, type RuleSettings } from './render.ts';

/** Writes the rules files into a folder, which is made; gives their paths. */
export async function writeRuleFiles(folder: string, settings: RuleSettings): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  return await Promise.all(
    renderRuleFiles(settings).map(async ({ name, text }) => {
      const path = join(folder, name);
      // Prometheus may be told to load them at this very moment.
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
      return path;
    }),
  );
}

if (import.meta.main) await writeRuleFiles(import.meta.dirname, GENERIC);
