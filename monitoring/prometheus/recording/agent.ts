import { IN_PLACE, PER_PROBE, PROBE } from '../labels.ts';
import type { RecordingRule } from '../rule.ts';
import { over, regionCrowdRules } from './over.ts';
import { PROBE_SETTLED } from './probe.ts';
import { overThreshold } from './threshold.ts';

/** Pulls that may fail before the list counts as stale. */
const PULLS_MISSED = 3;

/** For how long a probe's list was not seen to be the published one. */
export const UNCONFIRMED = 'innervisor:agent_unconfirmed_seconds';

/** How old the peers list of a probe is. */
export const agentRecording: readonly RecordingRule[] = [
  {
    record: UNCONFIRMED,
    expr:
      `max ${PER_PROBE} (time() - innervisor_agent_confirmed_timestamp_seconds{${IN_PLACE}})\n` +
      `and on (${PROBE}) ${PROBE_SETTLED}`,
    meaning: 'For how long the agent has not seen that its list is the published one.',
  },
  {
    record: over('stale'),
    expr: overThreshold(`${UNCONFIRMED} / ${PULLS_MISSED}`, 'agent_interval_seconds', 'bool '),
    meaning: `Whether ${PULLS_MISSED} pulls in a row have failed.`,
  },
  ...regionCrowdRules('stale'),
];
