/** GRUB's pieces written by hand: grub-bios-setup wants a mounted file system, and so a loop device. */

export const SECTOR_BYTES = 512;

/**
 * Where things stand in GRUB's two first sectors, and what grub-bios-setup writes there:
 * https://git.savannah.gnu.org/cgit/grub.git/tree/include/grub/i386/pc/boot.h?h=grub-2.06
 * https://git.savannah.gnu.org/cgit/grub.git/tree/util/setup.c?h=grub-2.06
 */
const KERNEL_SECTOR = 0x5c;
const BOOT_DRIVE = 0x64;
const BOOT_DRIVE_FROM_BIOS = 0xff;
const BOOT_DRIVE_CHECK = 0x66;
const TWO_NOPS = 0x9090;
/** From here on the sector belongs to the partition table. */
const BOOT_CODE_END = 0x1b8;
const BLOCKLIST = SECTOR_BYTES - 12;

/**
 * Gives the boot code for a disk's first sector, which loads the core image.
 * @throws RangeError when `bootImage` isn't GRUB's boot.img.
 */
export function computeBootCode(bootImage: Buffer, coreSector: number): Buffer {
  if (bootImage.length !== SECTOR_BYTES)
    throw new RangeError(`GRUB's boot.img has ${SECTOR_BYTES} bytes, not ${bootImage.length}`);
  const code = Buffer.from(bootImage.subarray(0, BOOT_CODE_END));
  code.writeBigUInt64LE(BigInt(coreSector), KERNEL_SECTOR);
  code.writeUInt8(BOOT_DRIVE_FROM_BIOS, BOOT_DRIVE);
  // Otherwise it takes some BIOSes' first disk for a floppy.
  code.writeUInt16LE(TWO_NOPS, BOOT_DRIVE_CHECK);
  return code;
}

/**
 * Gives the core image as it stands on the disk: its first sector knows where the others are.
 * @throws RangeError when it has no others, or not as many as its own list says.
 */
export function computeCoreImage(coreImage: Buffer, coreSector: number): Buffer {
  const others = Math.ceil(coreImage.length / SECTOR_BYTES) - 1;
  const listed = others < 1 ? 0 : coreImage.readUInt16LE(BLOCKLIST + 8);
  if (others < 1 || listed !== others)
    throw new RangeError(
      `GRUB's core image lists ${listed} sectors after its first, and there are ${others}`,
    );
  const core = Buffer.from(coreImage);
  core.writeBigUInt64LE(BigInt(coreSector + 1), BLOCKLIST);
  return core;
}
