import { IN_PLACE } from '../labels.ts';
import type { RecordingRule } from '../rule.ts';
import { crowdRules, over, regionCrowdRules } from './over.ts';

const TARGETS = `probe_id!="",${IN_PLACE}`;
const PER_TARGET = 'without (instance, job, exporter)';
const PINGING = `up{exporter="ping",${TARGETS}}`;

/** Every worker says the same of a hypervisor. */
const EXPECTED = '(max by (region, availability_zone, hypervisor) (innervisor_probe_expected) == 1)';

/** 1 for a probe of which an exporter answers, 0 for one that is silent; no series for what is no target any more. */
export const PROBE_ANSWERS = 'innervisor:probe_answers';

/** 1 for a probe whose measurements count. */
export const PROBE_SETTLED = 'innervisor:probe_settled';

/** 1 for a peer that is a target of today and answers Prometheus. */
export const PEER_ANSWERS = 'innervisor:peer_answers';

/** How many probes a region has, while it has any. */
export const REGION_PROBES = 'innervisor:region_probes';

/** It has answered, or has had ten minutes to come up. */
const KNOWN = `max_over_time(${PROBE_ANSWERS}[10m]) == 1 or ${PROBE_ANSWERS} offset 10m`;

/** Hypervisors that should have a probe and have no target in their place. */
export const UNMONITORED = over('unmonitored');

/** Which probes there are, which answer, and whose measurements count. */
export const probeRecording: readonly RecordingRule[] = [
  {
    record: PROBE_ANSWERS,
    expr: `max ${PER_TARGET} (up{${TARGETS}})`,
    meaning: 'Whether any exporter of the probe answers. A probe that is removed has no such series.',
  },
  {
    record: PROBE_SETTLED,
    // Any answer in a minute, so that one scrape that fails doesn't make a sick probe unknown.
    expr:
      `(max ${PER_TARGET} (max_over_time(${PINGING}[1m])) == 1)\n` +
      `and (max ${PER_TARGET} (max_over_time(${PINGING}[1m] offset 1m)) == 1)`,
    meaning:
      'Its measurements count: it answers, and did so a minute ago, so that it is not just being born.',
  },
  {
    record: PEER_ANSWERS,
    expr: `max by (region, peer_id) (label_replace(${PROBE_ANSWERS} == 1, "peer_id", "$1", "probe_id", "(.*)"))`,
    meaning:
      'The same by the label of a peer: pings to a probe that is removed or down say nothing of the way.',
  },
  {
    record: REGION_PROBES,
    expr: `count by (region) (${PROBE_ANSWERS})`,
    meaning: 'Probes of the region, be they up or down.',
  },
  {
    record: over('down'),
    expr: `(${PROBE_ANSWERS} == 0 and (${KNOWN})) * 0 + 1\nor ${PROBE_ANSWERS} * 0`,
    meaning: 'Whether no exporter of the probe answers, and it is not just being born.',
  },
  ...crowdRules('down'),
  {
    record: UNMONITORED,
    // A Prometheus of one region may hear of the others from the workers: only regions that it has scraped count.
    expr:
      `(${EXPECTED} unless on (region, hypervisor) ${PROBE_ANSWERS} or ${EXPECTED} * 0)\n` +
      `and on (region) present_over_time(${REGION_PROBES}[1d])`,
    meaning: 'Whether a hypervisor that should have a probe has no target in its place.',
  },
  ...regionCrowdRules('unmonitored'),
];
