import {
  computeMatcher,
  computeNeededSeconds,
  computeSilenceSeconds,
  SILENCED_LABELS,
} from '../domain/silence.ts';
import type { StepDeps } from './deps.ts';
import { extending } from './extendSilences.ts';
import { listOwnSilences, ownQuery } from './ownSilences.ts';

/** Ids in one matcher; keeps a regular expression that Alertmanager has to match at a sane length. */
const BATCH_MAX = 200;
/**
 * A silence is asked for from so long ago, which Alertmanager takes for now: with the time of a worker whose clock is ahead it
 * would begin only later, when nobody waits for it any more.
 */
const CLOCK_AHEAD_MS_MAX = 3_600_000;

/** What {@link ensureSilences} leaves. */
export interface EnsuredSilences {
  /** Those that were made. */
  readonly made: readonly string[];
  /** A delete that begins before this is covered to its end; in ms since 1970. */
  readonly coverUntilMs: number;
}

/**
 * Makes sure that silences last long enough over the probes' own alerts and over their peers' alerts about them. What
 * is covered already isn't silenced twice, though the API has no idempotency: what won't last is extended.
 */
export async function ensureSilences(
  deps: StepDeps,
  pass: string,
  probeIds: readonly string[],
  signal: AbortSignal,
): Promise<EnsuredSilences> {
  const extend = extending(deps, await listOwnSilences(deps, signal));
  const made: string[] = [];
  const endsMs: number[] = [];
  for (const label of SILENCED_LABELS) {
    const missing: string[] = [];
    for (const probeId of probeIds) {
      const untilMs = await extend(probeId, label, signal);
      if (untilMs === undefined) missing.push(probeId);
      else endsMs.push(untilMs);
    }
    for (let from = 0; from < missing.length; from += BATCH_MAX) {
      const nowMs = deps.now();
      const untilMs = nowMs + computeSilenceSeconds(deps.silence) * 1000;
      const id = await deps.alertmanager.createSilence(
        {
          matchers: [computeMatcher(label, missing.slice(from, from + BATCH_MAX))],
          startsAt: new Date(nowMs - CLOCK_AHEAD_MS_MAX).toISOString(),
          endsAt: new Date(untilMs).toISOString(),
          ...ownQuery(deps),
          comment: `pass ${pass}: these probes are being removed`,
        },
        signal,
      );
      made.push(id);
      endsMs.push(untilMs);
    }
  }
  return { made, coverUntilMs: Math.min(...endsMs) - computeNeededSeconds(deps.silence) * 1000 };
}

/** How many of our silences {@link releaseSilences} has changed, and how many are in force after it. */
export interface ReleasedSilences {
  readonly changed: number;
  readonly left: number;
}

/** Lets go of probes in our silences: shortens the matchers, or expires a silence that covers nothing else. */
export async function releaseSilences(
  deps: StepDeps,
  isReleased: (probeId: string) => boolean,
  signal: AbortSignal,
): Promise<ReleasedSilences> {
  let changed = 0;
  const present = await listOwnSilences(deps, signal);
  let expired = 0;
  for (const own of present) {
    const left = own.probeIds.filter((probeId) => !isReleased(probeId));
    if (left.length === own.probeIds.length) continue;
    changed += 1;
    if (left.length === 0) {
      await deps.alertmanager.expireSilence(own.id, signal);
      expired += 1;
      continue;
    }
    const { startsAt, endsAt, createdBy, comment } = own.silence;
    const matchers = [computeMatcher(own.label, left)];
    await deps.alertmanager.updateSilence(own.id, { matchers, startsAt, endsAt, createdBy, comment }, signal);
  }
  return { changed, left: present.length - expired };
}
