import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { startOwned } from '../servers/process.ts';

/** A cable between two virtual machines: UDP ports on loopback, one for each end. */
export interface Cable {
  readonly mac: string;
  readonly localPort: number;
  readonly remotePort: number;
}

/** A virtual machine to be booted. */
export interface VmOptions {
  /** Nothing is written to it: what the machine writes is gone when it ends. */
  readonly image: string;
  readonly configDrive: string;
  /** Where its output goes. */
  readonly folder: string;
  /** The card on which this machine's loopback is 10.0.2.2. */
  readonly mac: string;
  /** Ports on loopback, and those of the machine that they lead to. */
  readonly forwards: Readonly<Record<number, number>>;
  readonly cable: Cable;
  readonly memoryMebibytes?: number;
}

/** A virtual machine that is running. */
export interface Vm {
  readonly pid: number;
  readonly isAlive: () => boolean;
  /** All that it wrote to its serial console, as `openstack console log show` would show it. */
  readonly console: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

const MEMORY_MEBIBYTES = 512;

/**
 * Boots an image under QEMU by software emulation, which works on every machine, though slowly.
 * Its networks are loopback and the cable; no packet leaves this machine.
 * @see https://www.qemu.org/docs/master/system/invocation.html
 */
export async function startVm(options: VmOptions): Promise<Vm> {
  const { cable, forwards, folder } = options;
  const consolePath = join(folder, 'console.log');
  const user = Object.entries(forwards).map(([from, to]) => `hostfwd=tcp:127.0.0.1:${from}-:${to}`);
  const process = await startOwned(
    'qemu-system-x86_64',
    [
      ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1'],
      ...['-m', String(options.memoryMebibytes ?? MEMORY_MEBIBYTES)],
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
      ...['-serial', `file:${consolePath}`],
      ...['-object', 'rng-random,id=rng,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=rng'],
      ...['-drive', `file=${options.image},if=virtio,format=qcow2,snapshot=on`],
      ...['-drive', `file=${options.configDrive},if=virtio,format=raw,readonly=on`],
      ...['-netdev', ['user,id=cloud', ...user].join(',')],
      ...['-device', `virtio-net-pci,netdev=cloud,mac=${options.mac}`],
      ...['-netdev', `dgram,id=cable,${end('local', cable.localPort)},${end('remote', cable.remotePort)}`],
      ...['-device', `virtio-net-pci,netdev=cable,mac=${cable.mac}`],
    ],
    folder,
  );
  return {
    pid: process.pid,
    isAlive: process.isAlive,
    console: () => readFile(consolePath, 'utf8').catch(() => ''),
    stop: process.stop,
  };
}

function end(which: 'local' | 'remote', port: number): string {
  return `${which}.type=inet,${which}.host=127.0.0.1,${which}.port=${port}`;
}
