import { exists } from '../../lab/tools/cache.ts';
import { findOnPath } from '../../lab/tools/command.ts';
import { installDebianPackages, isRoot } from '../../lab/tools/debian.ts';
import { ToolMissingError, type Log } from '../../lab/tools/tool.ts';

/** What each package of Debian is needed for: a program on the `PATH`, or a file. */
const NEEDS: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  'debian-archive-keyring': '/usr/share/keyrings/debian-archive-keyring.gpg',
  e2fsprogs: 'mke2fs',
  fdisk: 'sfdisk',
  dosfstools: 'mkfs.vfat',
  mtools: 'mcopy',
  'qemu-utils': 'qemu-img',
  'grub-common': 'grub-mkimage',
  'grub-pc-bin': '/usr/lib/grub/i386-pc/boot.img',
  'grub-efi-amd64-bin': '/usr/lib/grub/x86_64-efi/moddep.lst',
};

/**
 * Sees to it that the programs of the build are there.
 *
 * @throws ToolMissingError when we aren't root or apt can't install them.
 */
export async function ensureBuildTools(log: Log): Promise<void> {
  if (!isRoot())
    throw new ToolMissingError('guest:image', 'a Debian is installed into a folder', 'run it as root');
  const missing: string[] = [];
  for (const [name, need] of Object.entries(NEEDS)) {
    const there = need.startsWith('/') ? await exists(need) : (await findOnPath(need)) !== undefined;
    if (!there) missing.push(name);
  }
  if (missing.length === 0) return;
  log(`installing ${missing.join(' ')} from Debian`);
  await installDebianPackages('guest:image', missing);
}
