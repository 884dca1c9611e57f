import type { RecordingRule } from '../rule.ts';
import { badPairs, type PairFault } from './blame.ts';
import { DISK_SHARE_LIMIT, DISK_SLOW_SHARE } from './disk.ts';
import { ROW_PEERS } from './mesh.ts';
import { MAJORITY, over } from './over.ts';
import { badTargets } from './public.ts';
import { STEAL_LIMIT, STEAL_SHARE } from './steal.ts';

/** How near a hypervisor is to its limit by one signal, named in `signal`: above 1 it is over it. */
export const SIGNAL_STRAIN = 'innervisor:strain:signal';

/** The same by the worst of its signals. */
export const STRAIN = 'innervisor:strain:worst';

const DISK =
  `max without (operation) (\n  ${DISK_SLOW_SHARE}\n` +
  `    / on (region, storage_class, operation) group_left () ${DISK_SHARE_LIMIT}\n)`;

/** Each by what its alert looks at. */
const STRAINS: Readonly<Record<string, string>> = {
  steal: `${STEAL_SHARE} / on (region) group_left () ${STEAL_LIMIT}`,
  // A disk that stalls or is stuck is over its limit, however few operations were slow.
  disk: `${DISK} >= ${over('disk')}\nor ${over('disk')}`,
  mesh_loss: ofRow('lossy'),
  mesh_rtt: ofRow('slow'),
  public_loss: `${badTargets('lossy')} / ${MAJORITY}`,
  public_rtt: `${badTargets('slow')} / ${MAJORITY}`,
};

/** One number for each hypervisor, by which the worst can be found in a region of any size. */
export const strainRecording: readonly RecordingRule[] = [
  ...Object.entries(STRAINS).map(([signal, expr]) => ({
    record: SIGNAL_STRAIN,
    labels: { signal },
    expr: `max by (region, availability_zone, hypervisor) (\n${expr}\n)`,
    meaning: `How near the hypervisor is to its limit by ${signal}; above 1 it is over it.`,
  })),
  {
    record: STRAIN,
    expr: `max without (signal) (${SIGNAL_STRAIN})`,
    meaning: 'How near the hypervisor is to a limit by the worst of its signals.',
  },
];

/** Only bad pairs have series, and a row without any has no strain. */
function ofRow(fault: PairFault): string {
  return `${badPairs(fault, 'row_share')} / ${MAJORITY} or ${ROW_PEERS} * 0`;
}
