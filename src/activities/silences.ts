import type { Silence } from '../alertmanager/schema.ts';
import {
  computeMatcher,
  computeSilenceSeconds,
  parseMatcher,
  silenceAuthor,
  SILENCED_LABELS,
  type SilenceMatcher,
} from '../domain/silence.ts';
import type { StepDeps } from './deps.ts';

/** Ids in one matcher; keeps a regular expression that Alertmanager has to match at a sane length. */
const BATCH_MAX = 200;

/** A silence of ours in force, with what it covers. */
export interface OwnSilence {
  readonly id: string;
  readonly label: SilenceMatcher['name'];
  readonly probeIds: readonly string[];
  readonly silence: Silence;
}

/** Our silences of the region that are in force; others', and any whose matchers aren't of our form, are left alone. */
export async function listOwnSilences(deps: StepDeps, signal: AbortSignal): Promise<readonly OwnSilence[]> {
  const createdBy = silenceAuthor(deps.installation, deps.region);
  const silences = await deps.alertmanager.listSilences({ createdBy, states: ['active', 'pending'] }, signal);
  return silences.flatMap((silence) => {
    const [matcher, ...more] = silence.matchers;
    const parsed = matcher === undefined || more.length > 0 ? undefined : parseMatcher(matcher);
    return parsed === undefined ? [] : [{ id: silence.id, ...parsed, silence }];
  });
}

/**
 * Makes sure that silences are in force over the probes' own alerts and over their peers' alerts about
 * them. What is covered long enough already isn't silenced twice, though the API has no idempotency.
 */
export async function ensureSilences(
  deps: StepDeps,
  pass: string,
  probeIds: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const own = await listOwnSilences(deps, signal);
  const nowMs = deps.now();
  const endsMs = nowMs + computeSilenceSeconds(deps.silence) * 1000;
  const ids: string[] = [];
  for (const label of SILENCED_LABELS) {
    const covered = new Set(
      own
        // Half of the span is more than the delete that follows needs.
        .filter(
          (item) => item.label === label && Date.parse(item.silence.endsAt) - nowMs > (endsMs - nowMs) / 2,
        )
        .flatMap((item) => item.probeIds),
    );
    const missing = probeIds.filter((probeId) => !covered.has(probeId));
    for (let from = 0; from < missing.length; from += BATCH_MAX) {
      const id = await deps.alertmanager.createSilence(
        {
          matchers: [computeMatcher(label, missing.slice(from, from + BATCH_MAX))],
          startsAt: new Date(nowMs).toISOString(),
          endsAt: new Date(endsMs).toISOString(),
          createdBy: silenceAuthor(deps.installation, deps.region),
          comment: `pass ${pass}: these probes are being removed`,
        },
        signal,
      );
      ids.push(id);
    }
  }
  return ids;
}

/** Lets go of probes in our silences: shortens the matchers, or expires a silence that covers nothing else. */
export async function releaseSilences(
  deps: StepDeps,
  isReleased: (probeId: string) => boolean,
  signal: AbortSignal,
): Promise<number> {
  let changed = 0;
  for (const own of await listOwnSilences(deps, signal)) {
    const left = own.probeIds.filter((probeId) => !isReleased(probeId));
    if (left.length === own.probeIds.length) continue;
    changed += 1;
    if (left.length === 0) {
      await deps.alertmanager.expireSilence(own.id, signal);
      continue;
    }
    const { startsAt, endsAt, createdBy, comment } = own.silence;
    const matchers = [computeMatcher(own.label, left)];
    await deps.alertmanager.updateSilence(own.id, { matchers, startsAt, endsAt, createdBy, comment }, signal);
  }
  return changed;
}
