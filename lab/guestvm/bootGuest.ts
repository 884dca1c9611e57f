import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

import { freePorts } from '../servers/port.ts';
import { startOwned } from '../servers/process.ts';
import { exists } from '../tools/cache.ts';
import { runCommand } from '../tools/command.ts';
import type { Log } from '../tools/tool.ts';
import { makeConfigDrive, type ConfigDrive, type ServerPort } from './configDrive.ts';
import { ensureVmTools, OVMF } from './tools.ts';

/** The first port's network: the machine itself is its gateway. */
const OUTSIDE_MAC = '52:54:00:12:34:56';
export const OUTSIDE = { address: '10.0.2.15', netmask: '255.255.255.0', gateway: '10.0.2.2' } as const;
const MEMORY_MEBIBYTES = 512;
const POLL_MS = 500;
const TAIL_CHARACTERS = 2_000;

/** A cable to another guest, on which nobody else is; its ends are UDP ports of loopback. */
export interface Cable {
  readonly port: ServerPort;
  readonly here: number;
  readonly there: number;
}

/** How to boot an image as Nova would. */
export interface BootOptions {
  /** A qcow2; it isn't changed. */
  readonly image: string;
  readonly server: Omit<ConfigDrive, 'ports'>;
  /** How its first port gets its address: by DHCP, or `OUTSIDE` with these name servers. */
  readonly outside: 'dhcp' | { readonly nameServers: readonly string[] };
  readonly cable?: Cable;
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
 * Boots an image: one CPU, 512 MB, a config drive, and a network whose gateway is this machine: the guest reaches
 * what this process reaches, and loopback as 10.0.2.2, so run it in a network namespace that has nothing else.
 * `ports` are led in from loopback.
 */
export async function bootGuest(options: BootOptions): Promise<BootedGuest> {
  const { image, server, ports, cable, firmware = 'bios', log = () => undefined } = options;
  const { qemu, genisoimage } = await ensureVmTools(log, firmware);
  const dir = await mkdtemp(join(tmpdir(), 'innervisor-guest-'));
  const disk = join(dir, 'disk.qcow2');
  await runCommand('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', image, disk]);
  const outside: ServerPort = {
    macAddress: OUTSIDE_MAC,
    fixed: options.outside === 'dhcp' ? null : { ...OUTSIDE, ...options.outside },
  };
  const serverPorts = [outside, ...(cable === undefined ? [] : [cable.port])];
  const configDrive = await makeConfigDrive(genisoimage, dir, { ...server, ports: serverPorts });
  const hostPorts = await freePorts(ports.length);
  const forwards = ports.map((port, index) => `hostfwd=tcp:127.0.0.1:${hostPorts[index]}-:${port}`);
  const serial = join(dir, 'console.log');
  const started = performance.now();
  const machine = await startOwned(
    qemu,
    qemuArguments({ disk, configDrive, forwards, cable, serial, firmware }),
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
  readonly cable: Cable | undefined;
  readonly serial: string;
  readonly firmware: 'bios' | 'uefi';
}

function qemuArguments(machine: Machine): readonly string[] {
  const { disk, configDrive, forwards, cable, serial, firmware } = machine;
  const nic = ['user', 'model=virtio-net-pci', `mac=${OUTSIDE_MAC}`, ...forwards];
  return [
    ...['-machine', 'pc', '-accel', 'tcg,thread=multi', '-smp', '1', '-m', `${MEMORY_MEBIBYTES}`],
    ...['-display', 'none', '-monitor', 'none', '-no-reboot', '-serial', `file:${serial}`],
    ...(firmware === 'uefi' ? ['-drive', `if=pflash,format=raw,readonly=on,file=${OVMF}`] : []),
    ...['-drive', `file=${disk},format=qcow2,if=virtio`],
    ...['-drive', `file=${configDrive},format=raw,media=cdrom,readonly=on`],
    ...['-object', 'rng-random,id=random,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=random'],
    ...['-nic', nic.join(',')],
    ...(cable === undefined ? [] : cableArguments(cable)),
  ];
}

function cableArguments({ port, here, there }: Cable): readonly string[] {
  const end = (which: string, number: number): string =>
    `${which}.type=inet,${which}.host=127.0.0.1,${which}.port=${number}`;
  return [
    ...['-netdev', `dgram,id=cable,${end('local', here)},${end('remote', there)}`],
    ...['-device', `virtio-net-pci,netdev=cable,mac=${port.macAddress}`],
  ];
}

function portOf(guestPort: number, ports: readonly number[], hostPorts: readonly number[]): number {
  const port = hostPorts[ports.indexOf(guestPort)];
  if (port === undefined)
    throw new RangeError(`port ${guestPort} of the guest is not led in: ${ports.join(', ')}`);
  return port;
}
