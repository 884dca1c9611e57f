/** Alertmanager's matcher, as far as silences of ours use it. */
export interface SilenceMatcher {
  readonly name: 'probe_id' | 'peer_id';
  readonly value: string;
  readonly isRegex: true;
  readonly isEqual: true;
}

/** Which alerts a silence covers: the probe's own, or those of its peers about it. */
export const SILENCED_LABELS = ['probe_id', 'peer_id'] as const;

/** The matcher for a batch of probe ids on one label. Probe ids are hex, so nothing needs escaping. */
export function computeMatcher(label: SilenceMatcher['name'], probeIds: readonly string[]): SilenceMatcher {
  return { name: label, value: probeIds.toSorted().join('|'), isRegex: true, isEqual: true };
}

/** The probe ids that a matcher of ours covers; `undefined` when the matcher isn't of our form. */
export function parseMatcher(matcher: {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}): { readonly label: SilenceMatcher['name']; readonly probeIds: readonly string[] } | undefined {
  const label = SILENCED_LABELS.find((name) => name === matcher.name);
  if (label === undefined || !matcher.isRegex || !matcher.isEqual) return undefined;
  if (!/^[0-9a-f]{8}(\|[0-9a-f]{8})*$/.test(matcher.value)) return undefined;
  return { label, probeIds: matcher.value.split('|') };
}

/** What a silence must outlast, in seconds. */
export interface SilenceSpan {
  readonly deleteSeconds: number;
  readonly agentIntervalSeconds: number;
  readonly agentJitterSeconds: number;
  readonly rulesRangeSeconds: number;
}

/** How long a silence must last from a delete on, in seconds: until the last agent has pulled and the longest range has forgotten. */
export function computeNeededSeconds(span: SilenceSpan): number {
  return span.deleteSeconds + span.agentIntervalSeconds + span.agentJitterSeconds + span.rulesRangeSeconds;
}

/** How long a silence is made for, in seconds: half as long again, so that only a slow pass has to extend it. */
export function computeSilenceSeconds(span: SilenceSpan): number {
  return computeNeededSeconds(span) * 1.5;
}

/** Who a silence of ours says that it is by; how it is found again. */
export function silenceAuthor(installation: string, region: string): string {
  return `innervisor/${installation}/${region}`;
}
