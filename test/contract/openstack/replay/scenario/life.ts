import type { Replayer } from '../replayer.ts';

const MIGRATION_SECONDS = 3;

/** What hangs on a server: ports, actions, console, metadata, tags. */
export async function replayDetails(replayer: Replayer): Promise<void> {
  await replayer.replayAll([
    'ports-by-device',
    'server-interfaces',
    'server-instance-actions',
    'server-instance-action-show',
    'server-console-output',
    'server-diagnostics-2.1',
    'server-diagnostics-2.48',
    'server-metadata-put',
    'server-tags-put',
    'server-tag-add-201',
    'server-tag-bad-slash-400',
  ]);
  await replayer.replay('server-diagnostics-403-plain', { as: 'viewer' });
}

/** A server is locked, stopped, started and moved. */
export async function replayActions(replayer: Replayer): Promise<void> {
  await replayer.replay('server-lock-202');
  // A lock holds only those who aren't administrators.
  await replayer.replay('server-delete-locked-by-admin', { as: 'viewer' });
  await replayer.replay('server-unlock-202');
  await replayer.replay('server-stop-202');
  await replayer.awaitState('server-show-SHUTOFF');
  await replayer.replay('server-stop-409');
  await replayer.replay('server-start-202');
  await awaitActive(replayer);
  await replayer.replay('server-reboot-hard-202');
  await awaitActive(replayer);

  await replayer.replay('server-live-migrate-unknown-host-400');
  const from = replayer.names.host('cmp002');
  await replayer.cloud.setFault(from, { migrate_delay: MIGRATION_SECONDS });
  await replayer.replay('server-live-migrate-202');
  await replayer.awaitState('server-show-MIGRATING');
  await replayer.awaitState('server-show-after-live-migration');
  await replayer.cloud.clearFault(from);
  await replayer.replay('ports-by-device-after-migration');
  await replayer.awaitState('server-migrations');
}

/** Waits for the server of these recordings to be well again, without comparing anything. */
async function awaitActive(replayer: Replayer): Promise<void> {
  await replayer.awaitStatus('967e4a42-f8af-48d5-a088-27ff4190ba18', 'ACTIVE');
}
