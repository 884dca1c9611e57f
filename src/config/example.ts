import { readFile } from 'node:fs/promises';

/** The text of the example that is shipped, `examples/innervisor.yaml`. */
export async function readExample(): Promise<string> {
  return await readFile(new URL('../../examples/innervisor.yaml', import.meta.url), 'utf8');
}
