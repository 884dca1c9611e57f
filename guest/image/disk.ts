import { open, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runCommand } from '../../lab/tools/command.ts';
import { computeBootCode, computeCoreImage, SECTOR_BYTES } from './bootLoader.ts';
import {
  BIOS_BOOT,
  DISK_BYTES,
  EFI_SYSTEM,
  renderPartitionTable,
  ROOT,
  ROOT_LABEL,
  ROOT_UUID,
} from './layout.ts';
import { RECIPE } from './recipe.ts';

const GRUB_BIOS = { format: 'i386-pc', modules: ['biosdisk'] };
const GRUB_EFI = { format: 'x86_64-efi', modules: ['efi_gop', 'efi_uga', 'all_video'] };
const GRUB_MODULES = ['part_gpt', 'ext2', 'search_label', 'linux', 'boot'];
/** GRUB 2.06 can't read a file system that has them. */
const NOT_FOR_GRUB = '^metadata_csum_seed,^orphan_file';
const EFI_VOLUME_ID = '1a2b3c4d';
const BIOS_BOOT_SECTOR = BIOS_BOOT.offset / SECTOR_BYTES;

/**
 * Makes a disk of a tree, which boots by BIOS and by UEFI, without mounting anything.
 *
 * @returns the path of a packed qcow2 in `work`.
 */
export async function buildDisk(work: string, tree: string): Promise<string> {
  const disk = join(work, 'disk.raw');
  const image = join(work, 'disk.qcow2');
  await writeFile(disk, '');
  await truncate(disk, DISK_BYTES);
  await partition(work, disk);
  await makeRoot(disk, tree);
  const [core, efi] = [await makeCoreImage(work), await makeEfiFileSystem(work)];
  const boot = computeBootCode(await readFile('/usr/lib/grub/i386-pc/boot.img'), BIOS_BOOT_SECTOR);
  await writeAt(disk, boot, { offset: 0, bytes: SECTOR_BYTES });
  await writeAt(disk, computeCoreImage(core, BIOS_BOOT_SECTOR), BIOS_BOOT);
  await writeAt(disk, efi, EFI_SYSTEM);
  await runCommand('qemu-img', ['convert', '-O', 'qcow2', '-c', disk, image]);
  return image;
}

async function partition(work: string, disk: string): Promise<void> {
  const table = join(work, 'partitions');
  await writeFile(table, renderPartitionTable());
  await runCommand('sh', ['-c', 'sfdisk --quiet "$1" <"$2"', 'partition', disk, table]);
}

async function makeRoot(disk: string, tree: string): Promise<void> {
  // Without lazy_itable_init=0 the probe's kernel would write beside the first measurements of the disk.
  const extended = `offset=${ROOT.offset},hash_seed=${ROOT_UUID},lazy_itable_init=0`;
  const features = ['-t', 'ext4', '-m', '1', '-O', NOT_FOR_GRUB, '-E', extended];
  const names = ['-L', ROOT_LABEL, '-U', ROOT_UUID];
  await runCommand('mke2fs', ['-q', ...features, ...names, '-d', tree, disk, `${ROOT.bytes / 1024}k`]);
}

async function makeCoreImage(work: string): Promise<Buffer> {
  return makeGrub(join(work, 'core.img'), GRUB_BIOS);
}

async function makeEfiFileSystem(work: string): Promise<Buffer> {
  const loader = join(work, 'bootx64.efi');
  const image = join(work, 'efi.img');
  await makeGrub(loader, GRUB_EFI);
  await writeFile(image, '');
  await truncate(image, EFI_SYSTEM.bytes);
  await runCommand('mkfs.vfat', ['--invariant', '-i', EFI_VOLUME_ID, '-n', 'EFI', image]);
  await runCommand('mmd', ['-i', image, '::/EFI', '::/EFI/BOOT']);
  // The path that firmware takes where nothing was registered with it.
  await runCommand('mcopy', ['-i', image, loader, '::/EFI/BOOT/BOOTX64.EFI']);
  return readFile(image);
}

async function makeGrub(file: string, { format, modules }: typeof GRUB_BIOS): Promise<Buffer> {
  const config = ['--config', join(RECIPE, 'grub.cfg'), '--prefix', '/'];
  await runCommand('grub-mkimage', ['-O', format, '-o', file, ...config, ...GRUB_MODULES, ...modules]);
  return readFile(file);
}

async function writeAt(
  disk: string,
  bytes: Buffer,
  place: { readonly offset: number; readonly bytes: number },
): Promise<void> {
  if (bytes.length > place.bytes)
    throw new RangeError(
      `${bytes.length} bytes don't fit into the ${place.bytes} at ${place.offset} of the disk`,
    );
  const file = await open(disk, 'r+');
  try {
    await file.write(bytes, 0, bytes.length, place.offset);
  } finally {
    await file.close();
  }
}
