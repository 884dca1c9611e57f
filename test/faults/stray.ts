import { eventually } from '../support/await.ts';
import { isInForce, type Outside } from './outside.ts';
import { RULES_RANGE_SECONDS } from './stack.ts';

/** Guests write their last series within seconds; agents then pull peers, and the range of the rules passes. */
const FORGOTTEN_WITHIN_MS = 60_000;

/**
 * Waits until Prometheus has no series, in the longest range of the rules, of any probe that is silenced: from then on no
 * silence over these has a purpose.
 *
 * @returns the probes.
 * @throws Error when there still is such a series after a minute.
 */
export async function awaitForgotten(outside: Outside): Promise<ReadonlySet<string>> {
  const probeIds = new Set(await listSilenced(outside));
  if (probeIds.size === 0) return probeIds;
  const pattern = [...probeIds].join('|');
  const range = `[${RULES_RANGE_SECONDS}s]`;
  const seen = ['probe_id', 'peer_id'].map((label) => `last_over_time({${label}=~"${pattern}"}${range})`);
  await eventually(async () => (await outside.query(`count(${seen.join(' or ')})`)) === 0, {
    timeoutMs: FORGOTTEN_WITHIN_MS,
    intervalMs: 1_000,
    describe: `Prometheus to have forgotten ${pattern}`,
  });
  return probeIds;
}

/** The silences over these probes that are in force all the same; a later pass may have begun others for what it removes. */
export async function findStraySilences(
  outside: Outside,
  forgotten: ReadonlySet<string>,
): Promise<readonly string[]> {
  return (await listSilenced(outside))
    .filter((probeId) => forgotten.has(probeId))
    .map((probeId) => `a silence over probe ${probeId} outlives its purpose`);
}

async function listSilenced(outside: Outside): Promise<readonly string[]> {
  const inForce = (await outside.silences()).filter((silence) => isInForce(silence, Date.now()));
  return inForce.flatMap(({ matchers }) => matchers.flatMap(({ value }) => value.split('|')));
}
