import type { Replayer } from '../replayer.ts';

const DESTRUCTION_SECONDS = 3;
/** The service of `cmp005`, and one of which only the deletion is recorded. */
const RECORDED_SERVICE = 'e9e23b7f-bd3f-4e2c-9484-e30b0ecaf084';
const RECORDED_FULL_SERVICE = 'ba801cfb-ff6b-45ba-9afc-03da9e8c7b87';

/** A disabled host takes no server; both ways of naming it are accepted and fail. */
export async function replayDisabledHost(replayer: Replayer): Promise<void> {
  await replayer.replayAll([
    'os-service-disable',
    'os-hypervisors-with-disabled',
    'os-services-with-disabled',
    'server-create-on-disabled-az',
    'server-create-on-disabled-host74',
  ]);
  await replayer.awaitState('server-show-on-disabled-az');
  await replayer.awaitState('server-show-on-disabled-host74');
  await replayer.replay('os-service-enable');
}

/** A host that is declared down though it lives takes servers that are forced on it, and no others. */
export async function replayForcedDownHost(replayer: Replayer): Promise<void> {
  await replayer.replayAll([
    'os-service-force-down',
    'os-hypervisors-forced-down',
    'server-create-on-forced-down-az',
  ]);
  // One after the other: lists have the newest first, and count in seconds.
  await replayer.awaitState('server-show-on-forced-down-az');
  await replayer.replay('server-create-on-forced-down-host74');
  await replayer.awaitState('server-show-on-forced-down-host74');
  await replayer.replay('server-show-attrs-as-viewer', { as: 'viewer' });
  await replayer.replay('os-service-force-up');
}

/** The way of a server that is deleted. */
export async function replayDeletion(replayer: Replayer): Promise<void> {
  const host = replayer.names.host('cmp005');
  replayer.names.bind(RECORDED_FULL_SERVICE, replayer.names.id(RECORDED_SERVICE));
  await replayer.replay('os-service-delete-409-has-instances');
  await replayer.cloud.setFault(host, { destroy_delay: DESTRUCTION_SECONDS });
  await replayer.replayAll(['server-delete-204', 'server-show-deleting', 'server-delete-again']);
  await replayer.awaitState('server-show-404-after-delete');
  await replayer.cloud.clearFault(host);
  await replayer.replayAll(['server-delete-404-after-delete', 'server-list-deleted-after']);
}
