import { eventually } from '../support/await.ts';
import { isInForce, type Outside } from './outside.ts';
import { RULES_RANGE_SECONDS } from './stack.ts';

/** Guests write their last series within seconds; agents then pull peers, and the range of the rules passes. */
const FORGOTTEN_WITHIN_MS = 60_000;

/**
 * Waits until Prometheus has no series, in the longest range of the rules, of any probe that is silenced: from then on no
 * silence has a purpose.
 *
 * @returns whether there was any silence in force.
 * @throws Error when there still is such a series after a minute.
 */
export async function awaitForgotten(outside: Outside): Promise<boolean> {
  const probeIds = await listSilenced(outside);
  if (probeIds.length === 0) return false;
  const pattern = probeIds.join('|');
  const range = `[${RULES_RANGE_SECONDS}s]`;
  const seen = ['probe_id', 'peer_id'].map((label) => `last_over_time({${label}=~"${pattern}"}${range})`);
  await eventually(async () => (await outside.query(`count(${seen.join(' or ')})`)) === 0, {
    timeoutMs: FORGOTTEN_WITHIN_MS,
    intervalMs: 1_000,
    describe: `Prometheus to have forgotten ${pattern}`,
  });
  return true;
}

/** The silences that are in force though no probe is going; to be asked when all passes have ended. */
export async function findStraySilences(outside: Outside): Promise<readonly string[]> {
  return (await listSilenced(outside)).map(
    (probeId) => `a silence over probe ${probeId} outlives its purpose`,
  );
}

async function listSilenced(outside: Outside): Promise<readonly string[]> {
  const inForce = (await outside.silences()).filter((silence) => isInForce(silence, Date.now()));
  return inForce.flatMap(({ matchers }) => matchers.flatMap(({ value }) => value.split('|')));
}
