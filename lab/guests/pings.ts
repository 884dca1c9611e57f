import { createHistogram, type Histogram } from './histogram.ts';
import { stretchOf, type Load, type LoadModel } from './model.ts';
import type { KnownPeer } from './peersDocument.ts';

/** Few between probes: each is a series of each pair. */
const MESH_BOUNDS = ['0.0002', '0.0005', '0.001', '0.002', '0.01', '0.1'] as const;
const PUBLIC_BOUNDS = '0.001 0.002 0.005 0.01 0.02 0.05 0.1 0.2 0.5'.split(' ');

const REQUESTS_PER_SECOND = 1;
const WIRE_SECONDS = 0.0002;
const OTHER_ZONE_SECONDS = 0.0006;
const WORLD_SECONDS = 0.008;
/** How much longer an answer takes for each time that the guest must wait for a CPU. */
const WAIT_SECONDS = 0.0004;

/** Somebody whom a guest pings; outside of the region there is neither hypervisor nor zone. */
export interface PingTarget {
  readonly address: string;
  readonly hypervisor: string | null;
  readonly availabilityZone: string | null;
  /** Of its series. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Where the pings come from. */
export interface PingSource {
  readonly hypervisor: string;
  readonly availabilityZone: string | null;
}

/** Pings of one guest to one address. */
export interface PingCount {
  readonly target: PingTarget;
  readonly requests: number;
  readonly responses: Histogram;
  /** Whether the last request was answered. */
  readonly isAnswered: boolean;
}

/** A peer as somebody to ping. */
export function peerTarget({ probeId, address, hypervisor, availabilityZone }: KnownPeer): PingTarget {
  const zone = availabilityZone ?? 'unknown';
  const labels = { kind: 'mesh', peer_id: probeId, peer_hypervisor: hypervisor, peer_zone: zone };
  return { address, hypervisor, availabilityZone, labels };
}

/** An address outside of the region as somebody to ping. */
export function publicTarget(address: string): PingTarget {
  return { address, hypervisor: null, availabilityZone: null, labels: { kind: 'public', target: address } };
}

/** The pings of one guest. */
export interface Pings {
  /** Counts up to now, then pings these. Who stays under the same labels keeps its counters, who is new starts at 0. */
  retarget(targets: readonly PingTarget[], nowMs: number): void;
  /** Counts up to now, then goes on from another hypervisor. */
  move(source: PingSource, nowMs: number): void;
  read(nowMs: number): readonly PingCount[];
  /** Addresses that are pinged. */
  addresses(): readonly string[];
}

interface Path {
  readonly target: PingTarget;
  countedMs: number;
  requests: number;
  readonly responses: Histogram;
}

/**
 * One ping a second to each target. `answers` tells whether there is a guest at an address that can be
 * reached; it is asked when counters are read, so a death shows with at most one scrape's delay.
 */
export function createPings(
  model: LoadModel,
  options: { readonly source: PingSource; readonly answers: (address: string) => boolean },
): Pings {
  let { source } = options;
  let paths = new Map<string, Path>();

  function advance(path: Path, nowMs: number): void {
    const { target } = path;
    const ends = [source.hypervisor, ...(target.hypervisor === null ? [] : [target.hypervisor])];
    const alive = isAnswered(target);
    for (const { fromMs, toMs, loads } of model.pieces(ends, path.countedMs, nowMs)) {
      const requests = (REQUESTS_PER_SECOND * (toMs - fromMs)) / 1_000;
      path.requests += requests;
      if (alive)
        path.responses.add(requests * arrivingShare(target, loads), roundTripSeconds(source, target, loads));
    }
    path.countedMs = Math.max(path.countedMs, nowMs);
  }

  function isAnswered({ hypervisor, address }: PingTarget): boolean {
    return hypervisor === null || options.answers(address);
  }

  function roundTripSeconds(from: PingSource, target: PingTarget, loads: readonly Load[]): number {
    const spread = 0.8 + 0.4 * model.chance('path', from.hypervisor, target.hypervisor ?? target.address);
    const otherZone = target.hypervisor !== null && target.availabilityZone !== from.availabilityZone;
    const wire =
      WIRE_SECONDS + (otherZone ? OTHER_ZONE_SECONDS : 0) + (target.hypervisor === null ? WORLD_SECONDS : 0);
    const waits = loads.map(
      (load) => (2 * load.networkLatencyMs) / 1_000 + (stretchOf(load) - 1) * WAIT_SECONDS,
    );
    return waits.reduce((sum, wait) => sum + wait, wire * spread);
  }

  function readAll(nowMs: number): readonly Path[] {
    const all = [...paths.values()];
    for (const path of all) advance(path, nowMs);
    return all;
  }

  return {
    retarget: (targets, nowMs) => {
      readAll(nowMs);
      const next = targets.map((target): [string, Path] => {
        const series = JSON.stringify([target.address, target.labels]);
        return [series, paths.get(series) ?? newPath(target, nowMs)];
      });
      paths = new Map(next);
    },
    move: (to, nowMs) => {
      readAll(nowMs);
      source = to;
    },
    read: (nowMs) =>
      readAll(nowMs).map(({ target, requests, responses }) => ({
        target,
        requests: Math.floor(requests),
        responses,
        isAnswered: isAnswered(target),
      })),
    addresses: () => [...paths.values()].map(({ target }) => target.address),
  };
}

function newPath(target: PingTarget, nowMs: number): Path {
  const bounds = target.hypervisor === null ? PUBLIC_BOUNDS : MESH_BOUNDS;
  return { target, countedMs: nowMs, requests: 0, responses: createHistogram(bounds) };
}

/** A ping crosses each end twice, on its way there and back. */
function arrivingShare({ hypervisor }: PingTarget, loads: readonly Load[]): number {
  return loads.reduce((share, { networkLoss, publicLoss }) => {
    const passing = (1 - networkLoss) * (hypervisor === null ? 1 - publicLoss : 1);
    return share * passing ** 2;
  }, 1);
}
