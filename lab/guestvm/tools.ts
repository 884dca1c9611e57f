import { exists } from '../tools/cache.ts';
import { findOnPath } from '../tools/command.ts';
import { installDebianPackages, isRoot } from '../tools/debian.ts';
import { ensureDebianProgram } from '../tools/debianProgram.ts';
import { ToolMissingError, type Log } from '../tools/tool.ts';

/** Firmware for guests that boot by UEFI. */
export const OVMF = '/usr/share/OVMF/OVMF_CODE.fd';

const GENISOIMAGE = { name: 'genisoimage', version: '9:1.1.11' };

/** The programs that boot a guest. */
export interface VmTools {
  readonly qemu: string;
  readonly genisoimage: string;
}

/**
 * Finds what boots guests, or installs it from Debian.
 *
 * @throws ToolMissingError where it is missing and we aren't root.
 */
export async function ensureVmTools(log: Log, firmware: 'bios' | 'uefi' = 'bios'): Promise<VmTools> {
  const needs = {
    'qemu-system-x86': 'qemu-system-x86_64',
    'qemu-utils': 'qemu-img',
    'openssh-client': 'ssh',
  };
  const missing: string[] = [];
  for (const [name, program] of Object.entries(needs))
    if ((await findOnPath(program)) === undefined) missing.push(name);
  if (firmware === 'uefi' && !(await exists(OVMF))) missing.push('ovmf');
  if (missing.length > 0) {
    if (!isRoot())
      throw new ToolMissingError('qemu', `no ${missing.join(', ')}`, 'install it, or run as root');
    log(`installing ${missing.join(' ')} from Debian`);
    await installDebianPackages('qemu', missing);
  }
  const qemu = await findOnPath('qemu-system-x86_64');
  if (qemu === undefined)
    throw new ToolMissingError('qemu', 'no qemu-system-x86_64', 'install qemu-system-x86');
  return { qemu, genisoimage: await ensureDebianProgram(GENISOIMAGE, log) };
}
