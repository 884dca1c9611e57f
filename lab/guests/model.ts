import { createHash } from 'node:crypto';

/** Changes of one hypervisor that are remembered; older ones count as if they had never been different. */
const CHANGES_MAX = 1_000;

/** How a hypervisor is for the guests on it. */
export interface Load {
  /** CPU demand over what there is: 1 is fully demanded, above it guests wait for each other. */
  readonly load: number;
  readonly diskLatencyMs: number;
  /** Added one way to each packet that leaves or reaches the hypervisor. */
  readonly networkLatencyMs: number;
  /** Share of packets, 0 to 1, that get lost on their way out of or into the hypervisor. */
  readonly networkLoss: number;
  /** Share of packets, 0 to 1, that get lost between the hypervisor and the world outside of the region, each way. */
  readonly publicLoss: number;
}

/** A hypervisor that nothing was said about. */
export const CALM: Load = {
  load: 0.3,
  diskLatencyMs: 0.8,
  networkLatencyMs: 0.05,
  networkLoss: 0,
  publicLoss: 0,
};

/** A span of time in which nothing changed on the hypervisors that were asked about, in their order. */
export interface Piece {
  readonly fromMs: number;
  readonly toMs: number;
  readonly loads: readonly Load[];
}

/** What the simulated hypervisors do to their guests, over time. */
export interface LoadModel {
  /** The clock of everything simulated, in milliseconds since 1970. */
  readonly now: () => number;
  /** Changes the named aspects of a hypervisor from now on. */
  setLoad(hypervisor: string, change: Partial<Load>): void;
  loadOf(hypervisor: string): Load;
  /** How it was between two times, oldest first; empty when `toMs` isn't after `fromMs`. */
  pieces(hypervisors: readonly string[], fromMs: number, toMs: number): readonly Piece[];
  /** A number in [0, 1) that depends on the seed and these words alone. */
  chance(...words: readonly string[]): number;
}

interface Change {
  readonly atMs: number;
  readonly load: Load;
}

/**
 * A model in which all hypervisors are calm until told otherwise. It remembers when what changed, so that
 * counters read seldom or often come out the same.
 */
export function createLoadModel(options: { readonly now: () => number; readonly seed: string }): LoadModel {
  const { now, seed } = options;
  const changes = new Map<string, Change[]>();
  const last = (hypervisor: string): Change | undefined => changes.get(hypervisor)?.at(-1);

  function setLoad(hypervisor: string, change: Partial<Load>): void {
    const before = last(hypervisor);
    const entry = {
      // A clock that was set back must not put a change before an earlier one.
      atMs: Math.max(now(), before?.atMs ?? 0),
      load: { ...(before?.load ?? CALM), ...change },
    };
    const known = changes.get(hypervisor) ?? [{ atMs: 0, load: CALM }];
    changes.set(hypervisor, [...known, entry].slice(-CHANGES_MAX));
  }

  function loadAt(hypervisor: string, atMs: number): Load {
    const known = changes.get(hypervisor) ?? [];
    return (known.findLast((change) => change.atMs <= atMs) ?? known[0])?.load ?? CALM;
  }

  function pieces(hypervisors: readonly string[], fromMs: number, toMs: number): readonly Piece[] {
    if (toMs <= fromMs) return [];
    const cuts = hypervisors
      .flatMap((hypervisor) => changes.get(hypervisor) ?? [])
      .map(({ atMs }) => atMs)
      .filter((atMs) => atMs > fromMs && atMs < toMs);
    const starts = [...new Set([fromMs, ...cuts])].toSorted((a, b) => a - b);
    return starts.map((start, index) => ({
      fromMs: start,
      toMs: starts[index + 1] ?? toMs,
      loads: hypervisors.map((hypervisor) => loadAt(hypervisor, start)),
    }));
  }

  function chance(...words: readonly string[]): number {
    const digest = createHash('sha256')
      .update([seed, ...words].join('\0'))
      .digest();
    return digest.readUInt32BE() / 2 ** 32;
  }

  return { now, setLoad, loadOf: (hypervisor) => last(hypervisor)?.load ?? CALM, pieces, chance };
}

/** How many times as long the same work takes when guests wait for each other; 1 on an idle hypervisor. */
export function stretchOf({ load }: Load): number {
  return Math.max(1, load) + 0.05 * load ** 2;
}
