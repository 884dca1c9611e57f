import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

/** Makes `innervisor` of this checkout a command of a folder, which is made and given back to stand in `PATH`. */
export async function linkProgram(folder: string): Promise<string> {
  const program = join(folder, 'innervisor');
  await mkdir(folder, { recursive: true });
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  await chmod(program, 0o755);
  return folder;
}
