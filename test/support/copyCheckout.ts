import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** What nobody who clones the project gets; of these a copy has only the packages. */
const OWN = ['.git', 'coverage', 'dist', 'node_modules'];

/** Copies the sources into a new folder, with the packages of this checkout, so that a command may write there. */
export async function copyCheckout(folder: string): Promise<void> {
  await mkdir(folder);
  const names = (await readdir(ROOT)).filter((name) => !OWN.includes(name));
  await Promise.all(names.map((name) => cp(join(ROOT, name), join(folder, name), { recursive: true })));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}
