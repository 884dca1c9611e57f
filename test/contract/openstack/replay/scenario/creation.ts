import { z } from 'zod';
import type { Replayer } from '../replayer.ts';
import { readRecording } from '../../recordings.ts';

const SPAWN_SECONDS = 3;
const BUILT = [
  'server-create-az-host',
  'server-create-2.74-hypervisor_hostname-202',
  'server-create-2.74-both',
  'server-create-az-host-node',
  'server-create-colon-host-only',
];
const created = z.object({ server: z.object({ id: z.string() }) });
const shown = z.object({ server: z.object({ created: z.string() }) });

/** Servers on hosts that are well, named in each of the ways there are. */
export async function replayCreation(replayer: Replayer): Promise<void> {
  await replayer.replay('server-create-2.74-host-202');
  await replayer.replayAll(['server-show-BUILD', 'server-list-detail-while-BUILD']);
  // Nova writes down what it can't schedule when it gives up, so these are waited for: the newest must be those below.
  await replayer.replayAll(['server-create-host-in-other-az', 'server-create-unknown-host-az']);
  await replayer.awaitState('server-show-ERROR-unknown-az-host');
  await replayer.awaitState('server-show-host-in-other-az');
  await replayer.replayAll([
    'server-create-az-host',
    'server-create-2.74-hypervisor_hostname-202',
    'server-create-2.74-both',
    'server-create-az-host-node',
    'server-create-colon-host-only',
  ]);
  await replayer.awaitState('server-show-ACTIVE');
  await replayer.replay('server-show-ACTIVE-2.1');
  for (const name of BUILT) await replayer.awaitStatus(createdId(name), 'ACTIVE');
}

/** What is refused at once. */
export async function replayRefusals(replayer: Replayer): Promise<void> {
  await replayer.replayAll([
    'server-create-2.1-tags-400',
    'server-create-bad-flavor-400',
    'server-create-bad-image-400',
    'server-create-bad-network-400',
    'server-create-bad-userdata-400',
    'server-create-host-and-az-host-400',
    'server-create-host-wrong-node-400',
    'server-create-no-networks-2.37-400',
    'server-create-schema-400',
    'server-create-unknown-az-400',
    'server-create-unknown-host-74-400',
    'server-create-unknown-hypervisor-74-400',
    'server-show-404',
    'server-delete-404',
  ]);
  await replayer.replayAll(
    [
      'server-create-az-host-403-plain',
      'server-create-host74-403-plain',
      'server-create-plain-network-not-visible-400',
      'server-show-404-other-project',
      'server-list-all-tenants-403-plain',
    ],
    { as: 'plain' },
  );
}

/** Lists of servers, whole, filtered and in pages; the newest of them is being built at first. */
export async function replayLists(replayer: Replayer): Promise<void> {
  const { cloud } = replayer;
  for (const host of cloud.hosts) await cloud.setFault(host, { spawn_delay: SPAWN_SECONDS });
  await replayer.replay('server-create-202-reader', { as: 'viewer' });
  await replayer.awaitState('server-list-detail-page1');
  await replayer.replayAll(['server-list-all-tenants', 'server-list-detail-page2']);
  for (const host of cloud.hosts) await cloud.clearFault(host);
  await replayer.awaitState('server-list-viewer', { as: 'viewer' });

  await replayer.replayAll([
    'server-list-bad-marker-400',
    'server-list-unknown-filter',
    'server-list-by-metadata',
    'server-list-by-status-ERROR',
    'server-list-by-host',
    'server-list-by-node',
    'server-list-by-az',
    'server-list-by-name-regex',
    'server-list-by-tags',
    'server-list-by-tags-any',
    'server-list-by-not-tags',
  ]);
  const first = createdId('server-create-2.74-host-202');
  const answer = await replayer.call(
    'GET',
    `${cloud.origins.compute}/v2.1/servers/${replayer.names.id(first)}`,
  );
  // Servers that were deleted before would be in the list too.
  const since = shown.parse(answer.body).server.created;
  await replayer.replay('server-list-by-changes-since', { query: { 'changes-since': since } });
  // It may have come to the host that is to die.
  await replayer.deleteServer(createdId('server-create-202-reader'));
}

/** The recorded id of the server that a recording created. */
function createdId(name: string): string {
  return created.parse(readRecording(name).response.body).server.id;
}
