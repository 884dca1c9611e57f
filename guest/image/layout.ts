const MEBIBYTE = 1024 * 1024;

/** One partition; `offset` and `bytes` are whole mebibytes. */
export interface Partition {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly bytes: number;
}

/** The flavor needs a disk at least as large; docs/metrics.md says what for. */
export const DISK_GIBIBYTES = 2;
export const DISK_BYTES = DISK_GIBIBYTES * 1024 * MEBIBYTE;
/** By this label GRUB, the kernel and fstab find the root file system on whatever bus the disk is. */
export const ROOT_LABEL = 'innervisor';

/** For BIOS: GRUB's core image, which has no place elsewhere on a disk with a GPT. */
export const BIOS_BOOT: Partition = {
  name: 'bios',
  type: '21686148-6449-6E6F-744E-656564454649',
  offset: MEBIBYTE,
  bytes: MEBIBYTE,
};
/** For UEFI: a FAT file system with GRUB as the default loader. */
export const EFI_SYSTEM: Partition = {
  name: 'efi',
  type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  offset: 2 * MEBIBYTE,
  bytes: 8 * MEBIBYTE,
};
/** The last mebibyte of the disk holds the second GPT. */
export const ROOT: Partition = {
  name: 'root',
  type: '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709',
  offset: 10 * MEBIBYTE,
  bytes: DISK_BYTES - 11 * MEBIBYTE,
};

/** All probes may have the same: a probe has one disk. */
export const ROOT_UUID = '3d1d8b4e-7c0f-4c6b-9a55-6f7a0f1f5c10';
const DISK_UUID = '6b6f3a0c-2f0e-4f0a-8c39-0f0e6d6d2b01';
const PARTITION_UUIDS = '9c0c5f8e-5d57-4b4f-9b1c-00000000000';

/** Renders the partition table as sfdisk reads it. */
export function renderPartitionTable(): string {
  const lines = [BIOS_BOOT, EFI_SYSTEM, ROOT].map(
    ({ name, type, offset, bytes }, index) =>
      `start=${offset / MEBIBYTE}MiB, size=${bytes / MEBIBYTE}MiB, type=${type}, name=${name}, uuid=${PARTITION_UUIDS}${index + 1}`,
  );
  return ['label: gpt', `label-id: ${DISK_UUID}`, ...lines, ''].join('\n');
}
