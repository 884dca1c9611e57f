import { PEER, PER_ZONE_PAIR, PROBE } from '../labels.ts';
import type { RecordingRule } from '../rule.ts';
import { COLUMN_PEERS, LOSSY_PAIR, OWN_ZONE_PAIRS, ROW_PEERS, SLOW_PAIR, ZONE_PAIRS } from './mesh.ts';
import { crowd, crowdRules, MAJORITY, over } from './over.ts';

/** What can be wrong with a pair of probes. */
export type PairFault = 'lossy' | 'slow';

/** The bad pairs, with how bad they are. */
export const BAD_PAIR = { lossy: LOSSY_PAIR, slow: SLOW_PAIR } as const satisfies Record<PairFault, string>;

/** The signal of probes that are to blame. */
export const MESH_SIGNAL = { lossy: 'mesh_loss', slow: 'mesh_slow' } as const satisfies Record<
  PairFault,
  string
>;

/** A series about the bad pairs of a fault. */
export function badPairs(
  fault: PairFault,
  part: 'zone_pair_share' | 'zone_cut' | 'row_share' | 'column_share' | 'unexplained',
): string {
  return `innervisor:mesh_${fault}_pairs:${part}`;
}

const ZONES = 'region, availability_zone, peer_zone';

/**
 * Finds out who is to blame for bad pairs. First the ways between zones that are bad while both zones are well inside;
 * then probes of which most of the row and most of the column are bad; then zones and regions that are full of those.
 * A healthy probe whose only fault is that it pings a sick one has one bad pair of many. What is left is unexplained.
 */
export function blameRules(fault: PairFault): readonly RecordingRule[] {
  const pairs = BAD_PAIR[fault];
  const signal = MESH_SIGNAL[fault];
  const uncut = `${pairs} unless on (${ZONES}) ${badPairs(fault, 'zone_cut')}`;
  return [
    {
      record: badPairs(fault, 'zone_pair_share'),
      expr: `count ${PER_ZONE_PAIR} (${pairs}) / (${ZONE_PAIRS} > 1)`,
      meaning: `Share of the pairs between two zones that are ${fault}; none where none is.`,
    },
    {
      record: badPairs(fault, 'zone_cut'),
      expr: cutExpr(fault),
      meaning: 'The same, where the way between the zones is to blame.',
    },
    {
      record: badPairs(fault, 'row_share'),
      expr: `count without (peer_id, peer_hypervisor, peer_zone) (${uncut})\n  / (${ROW_PEERS} > 1)`,
      meaning: `Share of the pairs of a probe's row that are ${fault} and no fault of the way between zones.`,
    },
    {
      record: badPairs(fault, 'column_share'),
      expr: `count by (${PEER}) (${uncut})\n  / (${COLUMN_PEERS} > 1)`,
      meaning: `Share of the pairs of a peer's column that are ${fault} and no fault of the way between zones.`,
    },
    {
      record: over(signal),
      expr:
        `(${badPairs(fault, 'row_share')} > ${MAJORITY}\n` +
        `  and on (${PROBE}) ${asProbe(`${badPairs(fault, 'column_share')} > ${MAJORITY}`)}) * 0 + 1\n` +
        `or ${ROW_PEERS} * 0`,
      meaning: `Whether most of the probe's row and most of its column are ${fault}.`,
    },
    ...crowdRules(signal),
    {
      record: badPairs(fault, 'unexplained'),
      expr:
        `${uncut}\n` +
        `unless on (${PROBE}) ${over(signal)} == 1\n` +
        `unless on (${PEER}) ${asPeer(`${over(signal)} == 1`)}\n` +
        `unless on (region, availability_zone) ${crowd(signal, 'zone')}\n` +
        `unless on (region, peer_zone) ${asPeerZone(crowd(signal, 'zone'))}\n` +
        `unless on (region) ${crowd(signal, 'region')}`,
      meaning: 'Bad pairs for which neither a probe nor a zone nor the way between zones is to blame.',
    },
  ];
}

/** Zones of one hypervisor have no inside to compare with, and so are no zones here. */
function cutExpr(fault: PairFault): string {
  const share = badPairs(fault, 'zone_pair_share');
  const sickInside = `(${share} > ${MAJORITY} and on (${ZONES}) ${OWN_ZONE_PAIRS})`;
  return (
    `${share}{availability_zone!="",peer_zone!="unknown"} > ${MAJORITY}\n` +
    `unless on (${ZONES}) ${OWN_ZONE_PAIRS}\n` +
    `and on (region, availability_zone) ${OWN_ZONE_PAIRS}\n` +
    `and on (region, peer_zone) ${OWN_ZONE_PAIRS}\n` +
    `unless on (region, availability_zone) ${sickInside}\n` +
    `unless on (region, peer_zone) ${sickInside}`
  );
}

function asProbe(expr: string): string {
  return `label_replace(${expr}, "probe_id", "$1", "peer_id", "(.*)")`;
}

function asPeer(expr: string): string {
  return `label_replace(${expr}, "peer_id", "$1", "probe_id", "(.*)")`;
}

function asPeerZone(expr: string): string {
  return `label_replace(${expr}, "peer_zone", "$1", "availability_zone", "(.*)")`;
}
