import type { Replayer } from '../replayer.ts';
import { replayCreation, replayLists, replayRefusals } from './creation.ts';
import { killHostWithServer, replayDeath } from './death.ts';
import { replayFaults, replayNoRoom } from './faults.ts';
import { replayDeletion, replayDisabledHost, replayForcedDownHost } from './hosts.ts';
import { replayTokens, replayVersions } from './identity.ts';
import { replayAggregates, replayCatalogue, replayHosts } from './inventory.ts';
import { replayActions, replayDetails } from './life.ts';
import { prepare } from './prepare.ts';
import { replayOthers, replayPorts, replayQuotas } from './quotas.ts';

/**
 * The recordings in an order that brings about the state that each one needs. One host dies halfway, so that Nova
 * has seen it by the time that this is asked about; not before the last server that may come to any host, which would
 * be stuck if it came to the dead one.
 */
export const SCENARIO: readonly ((replayer: Replayer) => Promise<void>)[] = [
  prepare,
  replayVersions,
  replayTokens,
  replayCatalogue,
  replayHosts,
  replayAggregates,
  replayCreation,
  replayRefusals,
  replayLists,
  killHostWithServer,
  replayDetails,
  replayPorts,
  replayOthers,
  replayActions,
  replayDisabledHost,
  replayForcedDownHost,
  replayDeletion,
  replayNoRoom,
  replayFaults,
  replayQuotas,
  replayDeath,
];
