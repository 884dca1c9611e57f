import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

import { freePorts } from '../servers/port.ts';
import { startOwned } from '../servers/process.ts';
import { findOnPath, runCommand } from '../tools/command.ts';
import { installDebianPackages, isRoot } from '../tools/debian.ts';
import { exists } from '../tools/cache.ts';
import { ToolMissingError, type Log } from '../tools/tool.ts';
import { makeConfigDrive, type ConfigDrive } from './configDrive.ts';

const MAC_ADDRESS = '52:54:00:12:34:56';
const MEMORY_MEBIBYTES = 512;
const POLL_MS = 500;
const TAIL_CHARACTERS = 2_000;
const OVMF = '/usr/share/OVMF/OVMF_CODE.fd';

/** How to boot an image as Nova would. */
export interface BootOptions {
  /** A qcow2; it isn't changed. */
  readonly image: string;
  readonly server: Omit<ConfigDrive, 'macAddress'>;
  /** Ports of the guest that are to be reachable. */
  readonly ports: readonly number[];
  readonly firmware?: 'bios' | 'uefi';
  readonly log?: Log;
}

/** A guest that runs under QEMU's software emulation. */
export interface BootedGuest extends AsyncDisposable {
  /** Gives the loopback port that leads to one of the guest's. */
  readonly portTo: (guestPort: number) => number;
  /** All that the guest wrote to its serial console, without colours. */
  readonly console: () => Promise<string>;
  /**
   * Waits until the console matches, and gives the seconds since the start.
   *
   * @throws Error with the console's end when the guest has ended or the time is up.
   */
  readonly awaitConsole: (pattern: RegExp, timeoutMs: number) => Promise<number>;
  /** Ends it and removes its disk. May be called more than once. */
  readonly stop: () => Promise<void>;
}

/**
 * Boots an image: one CPU, 512 MB, a config drive, and a network that reaches nothing; only `ports` are led in,
 * from loopback.
 */
export async function bootGuest(options: BootOptions): Promise<BootedGuest> {
  const { image, server, ports, firmware = 'bios', log = () => undefined } = options;
  const qemu = await ensureQemu(firmware, log);
  const dir = await mkdtemp(join(tmpdir(), 'innervisor-guest-'));
  const disk = join(dir, 'disk.qcow2');
  await runCommand('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', image, disk]);
  const configDrive = await makeConfigDrive(dir, { ...server, macAddress: MAC_ADDRESS }, log);
  const hostPorts = await freePorts(ports.length);
  const forwards = ports.map((port, index) => `hostfwd=tcp:127.0.0.1:${hostPorts[index]}-:${port}`);
  const serial = join(dir, 'console.log');
  const started = performance.now();
  const machine = await startOwned(
    qemu,
    qemuArguments({ disk, configDrive, forwards, serial, firmware }),
    dir,
  );

  const readConsole = async () =>
    (await exists(serial)) ? stripVTControlCharacters(await readFile(serial, 'utf8')) : '';
  const stop = async () => {
    await machine.stop();
    await rm(dir, { recursive: true, force: true });
  };
  return {
    portTo: (guestPort) => portOf(guestPort, ports, hostPorts),
    console: readConsole,
    awaitConsole: async (pattern, timeoutMs) => {
      while (!pattern.test(await readConsole())) {
        const ended = !machine.isAlive();
        if (ended || performance.now() - started > timeoutMs) {
          const why = ended ? `has ended (${machine.lastOutput()})` : `is not there after ${timeoutMs} ms`;
          const tail = (await readConsole()).slice(-TAIL_CHARACTERS);
          throw new Error(`guest: ${why}, waited for ${String(pattern)}; its console ends:\n${tail}`);
        }
        await delay(POLL_MS);
      }
      return (performance.now() - started) / 1000;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Machine {
  readonly disk: string;
  readonly configDrive: string;
  readonly forwards: readonly string[];
  readonly serial: string;
  readonly firmware: 'bios' | 'uefi';
}

function qemuArguments({ disk, configDrive, forwards, serial, firmware }: Machine): readonly string[] {
  const nic = ['user', 'restrict=on', 'model=virtio-net-pci', `mac=${MAC_ADDRESS}`, ...forwards];
  return [
    ...['-machine', 'pc', '-accel', 'tcg,thread=multi', '-smp', '1', '-m', `${MEMORY_MEBIBYTES}`],
    ...['-display', 'none', '-monitor', 'none', '-no-reboot', '-serial', `file:${serial}`],
    ...(firmware === 'uefi' ? ['-drive', `if=pflash,format=raw,readonly=on,file=${OVMF}`] : []),
    ...['-drive', `file=${disk},format=qcow2,if=virtio`],
    ...['-drive', `file=${configDrive},format=raw,media=cdrom,readonly=on`],
    ...['-object', 'rng-random,id=random,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=random'],
    ...['-nic', nic.join(',')],
  ];
}

function portOf(guestPort: number, ports: readonly number[], hostPorts: readonly number[]): number {
  const port = hostPorts[ports.indexOf(guestPort)];
  if (port === undefined)
    throw new RangeError(`port ${guestPort} of the guest is not led in: ${ports.join(', ')}`);
  return port;
}

async function ensureQemu(firmware: 'bios' | 'uefi', log: Log): Promise<string> {
  const needs = { 'qemu-system-x86': 'qemu-system-x86_64', 'qemu-utils': 'qemu-img' };
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
  return qemu;
}
