import { computeNeededSeconds, computeSilenceSeconds, SILENCED_LABELS } from '../domain/silence.ts';
import type { StepDeps } from './deps.ts';
import { listOwnSilences, type OwnSilence } from './ownSilences.ts';

/**
 * Gives what extends the last of these silences that covers a probe, if it would end before a delete that begins now
 * is over, and says when it ends, in ms since 1970; `undefined` where none covers the probe. The id stays.
 */
export function extending(deps: StepDeps, own: readonly OwnSilence[]) {
  const endOf = (item: OwnSilence): number => Date.parse(item.silence.endsAt);
  const latest = own.toSorted((a, b) => endOf(b) - endOf(a));
  return async (
    probeId: string,
    label: OwnSilence['label'],
    signal: AbortSignal,
  ): Promise<number | undefined> => {
    const at = latest.findIndex((item) => item.label === label && item.probeIds.includes(probeId));
    const covering = latest[at];
    const nowMs = deps.now();
    if (covering === undefined || endOf(covering) <= nowMs) return undefined;
    if (endOf(covering) - nowMs >= computeNeededSeconds(deps.silence) * 1000) return endOf(covering);
    const { matchers, startsAt, createdBy, comment } = covering.silence;
    const endsAt = new Date(nowMs + computeSilenceSeconds(deps.silence) * 1000).toISOString();
    const spec = { matchers, startsAt, endsAt, createdBy, comment };
    const id = await deps.alertmanager.updateSilence(covering.id, spec, signal);
    latest[at] = { ...covering, id, silence: { ...covering.silence, id, endsAt } };
    return Date.parse(endsAt);
  };
}

/** Gives what makes sure, right before a delete, that the silences over the probe outlast it. */
export async function keepingSilenced(deps: StepDeps, signal: AbortSignal) {
  const extend = extending(deps, await listOwnSilences(deps, signal));
  return async ({ probeId }: { readonly probeId: string }): Promise<void> => {
    for (const label of SILENCED_LABELS) await extend(probeId, label, signal);
  };
}
