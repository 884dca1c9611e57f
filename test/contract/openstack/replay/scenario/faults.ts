import type { Replayer } from '../replayer.ts';

const SPAWN_SECONDS = 8;

/** A server that fits nowhere. */
export async function replayNoRoom(replayer: Replayer): Promise<void> {
  await replayer.replay('server-create-huge');
  await replayer.awaitState('server-show-ERROR-NoValidHost');
  await replayer.replay('server-list-ERROR');
}

/** Servers that can't be built: a hypervisor that fails in some way, one that is slow. */
export async function replayFaults(replayer: Replayer): Promise<void> {
  const { cloud, names } = replayer;
  await cloud.setFault(names.host('cmp006'), { spawn_error: 'no space left on device' });
  await cloud.setFault(names.host('cmp007'), { build_abort: 'lab: no kvm' });
  await cloud.setFault(names.host('cmp008'), { bind_fail: true });
  await cloud.setFault(names.host('cmp009'), { spawn_delay: SPAWN_SECONDS });
  await replayer.replayAll([
    'server-create-spawn-error-resched',
    'server-create-build-abort',
    'server-create-port-binding-failed',
    'server-create-slow-spawn',
  ]);
  await replayer.awaitState('server-show-BUILD-spawning');
  await replayer.replayAll(['server-delete-while-BUILD', 'server-show-BUILD-deleting']);
  await replayer.awaitState('server-show-ERROR-spawn-error-resched');
  await replayer.awaitState('server-show-ERROR-build-abort');
  await replayer.awaitState('server-show-ERROR-port-binding-failed');
  for (const host of ['cmp006', 'cmp007', 'cmp008', 'cmp009']) await cloud.clearFault(names.host(host));
}
