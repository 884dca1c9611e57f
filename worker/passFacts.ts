import type { ArtifactRef, FrozenPass, PassOutcome, PassReport } from '../src/domain/pass.ts';
import type { PassEnd, RegionFacts } from '../src/telemetry/metrics.ts';
import type { PassProgress } from '../src/workflows/frame.ts';

/** A pass that has ended, as Temporal remembers it. */
export interface EndedPass {
  readonly runId: string;
  readonly endedMs: number;
  readonly end: PassEnd;
  /** Of a pass that ended with one. */
  readonly probes: PassReport['probes'];
  /** Of one that found the region frozen: when that ends by itself. */
  readonly frozenUntil?: FrozenPass['frozen']['until'];
  /** Which hypervisors should carry a probe, by a pass that says so. */
  readonly expected: ArtifactRef | undefined;
}

/** What is asked of a pass that is under way. */
export type RunningPass = Pick<PassProgress, 'held' | 'planHash' | 'decision'>;

const GOOD: ReadonlySet<PassEnd> = new Set<PassOutcome>(['converged', 'degraded']);

/** The last moment that a date can be. */
const FOR_EVER = '9999-12-31T23:59:59Z';

/** Whether a pass went through all of its steps, whatever it found. */
export function isGood({ end }: Pick<EndedPass, 'end'>): boolean {
  return GOOD.has(end);
}

/**
 * What the passes of a region say about it.
 *
 * @param ended - newest first.
 * @param running - `null` where no pass runs; without what it couldn't be asked.
 */
export function computeFacts(
  region: string,
  readMs: number,
  ended: readonly EndedPass[],
  running: Partial<RunningPass> | null,
): RegionFacts {
  const lastMs: Partial<Record<PassEnd, number>> = {};
  for (const { end, endedMs } of ended) lastMs[end] ??= endedMs;
  const last = ended.find(({ end }) => end !== 'planned');
  const lastOutcome = last?.end ?? null;
  return {
    region,
    readMs,
    lastMs,
    lastOutcome,
    lastGoodMs: ended.find(isGood)?.endedMs ?? null,
    isRunning: running !== null,
    // Until a pass has planned, what was held before is held still.
    isHeld: running?.held === undefined ? lastOutcome === 'held' : isWaiting(running),
    isFrozen: lastOutcome === 'frozen' && Date.parse(last?.frozenUntil ?? FOR_EVER) > readMs,
    probes: ended.find(({ probes }) => probes !== undefined)?.probes ?? null,
    // Only by a good one: what the guard held may be a listing that Nova has shortened.
    expected: ended.find((pass) => isGood(pass) && pass.expected !== undefined)?.expected ?? null,
  };
}

/** A dry run is never held: it says what the guard would, and ends. */
function isWaiting({ held = [], planHash, decision }: Partial<RunningPass>): boolean {
  return held.length > 0 && planHash !== undefined && decision?.kind !== 'approved';
}
