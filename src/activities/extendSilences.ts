import { computeNeededSeconds, computeSilenceSeconds, SILENCED_LABELS } from '../domain/silence.ts';
import type { StepDeps } from './deps.ts';
import { failure } from './failures.ts';
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
    if (covering === undefined) return undefined;
    if (endOf(covering) - nowMs >= computeNeededSeconds(deps.silence) * 1000) return endOf(covering);
    const { matchers, startsAt, createdBy, comment } = covering.silence;
    const endsAt = new Date(nowMs + computeSilenceSeconds(deps.silence) * 1000).toISOString();
    const spec = { matchers, startsAt, endsAt, createdBy, comment };
    const id = await deps.alertmanager.updateSilence(covering.id, spec, signal);
    latest[at] = { ...covering, id, silence: { ...covering.silence, id, endsAt } };
    return Date.parse(endsAt);
  };
}

/**
 * Gives what makes sure, right before a delete, that the silences over the probe are still there and outlast it; they are
 * listed anew each time, because a person may expire them, or Alertmanager lose them, during a batch.
 * @throws failure `conflict` where one is missing; it may be tried again.
 */
export function keepingSilenced(deps: StepDeps, signal: AbortSignal) {
  return async ({ probeId }: { readonly probeId: string }): Promise<void> => {
    const extend = extending(deps, await listOwnSilences(deps, signal));
    for (const label of SILENCED_LABELS) {
      if ((await extend(probeId, label, signal)) !== undefined) continue;
      const message = `probe ${probeId} isn't deleted: its silence on ${label} is gone; was it expired by hand?`;
      throw failure('conflict', message, { terminal: false });
    }
  };
}
