import type { Silence } from '../alertmanager/schema.ts';
import { parseMatcher, silenceAuthor, type SilenceMatcher } from '../domain/silence.ts';
import type { StepDeps } from './deps.ts';

const STATES = ['active', 'pending'] as const;

/** A silence of ours in force, with what it covers. */
export interface OwnSilence {
  readonly id: string;
  readonly label: SilenceMatcher['name'];
  readonly probeIds: readonly string[];
  readonly silence: Silence;
}

/** Our silences of the region that are in force; others', and any whose matchers aren't of our form, are left alone. */
export async function listOwnSilences(deps: StepDeps, signal: AbortSignal): Promise<readonly OwnSilence[]> {
  return selectOwn(await deps.alertmanager.listSilences({ ...ownQuery(deps), states: STATES }, signal));
}

/** How silences of ours are asked for. */
export function ownQuery(deps: StepDeps): { readonly createdBy: string } {
  return { createdBy: silenceAuthor(deps.installation, deps.region) };
}

/** Of silences by us, those that have our form. */
export function selectOwn(silences: readonly Silence[]): readonly OwnSilence[] {
  return silences.flatMap((silence) => {
    const [matcher, ...more] = silence.matchers;
    const parsed = matcher === undefined || more.length > 0 ? undefined : parseMatcher(matcher);
    return parsed === undefined ? [] : [{ id: silence.id, ...parsed, silence }];
  });
}
