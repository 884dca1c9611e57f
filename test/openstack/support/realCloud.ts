import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/await.ts';
import type { CloudUnderTest } from '../../contract/openstack/replay/cloudUnderTest.ts';
import { RECORDED_ORIGINS } from '../../contract/openstack/replay/cloudUnderTest.ts';
import { EXEMPT } from '../../contract/openstack/replay/varying.ts';
import type { Lab } from './lab.ts';

const POLL_MS = 250;
/** The part of the last one is to die. */
const HOSTS = 5;

/**
 * The lab as a cloud that is held to the recordings; they were made on the same addresses, and on a cloud without
 * other servers: what other tests have left is deleted.
 */
export async function realCloud(lab: Lab): Promise<CloudUnderTest> {
  const hosts = (await lab.listHypervisors()).map(({ host }) => host).toSorted();
  if (hosts.length < HOSTS) throw new Error(`the lab has fewer than ${HOSTS} hypervisors`);
  for (const { id } of await lab.listServers()) await lab.deleteServer(id);
  await eventually(async () => (await lab.listServers()).length === 0, {
    describe: 'servers that other tests have left are gone',
    timeoutMs: lab.figures.patienceMs,
    intervalMs: POLL_MS,
  });
  return {
    origins: RECORDED_ORIGINS,
    cloudsYaml: await readFile(lab.cloudsYaml, 'utf8'),
    hosts,
    exempt: EXEMPT,
    killCompute: (host) => lab.killCompute(host),
    reviveCompute: (host) => lab.reviveCompute(host),
    setFault: (host, fault) => lab.setFault(host, fault),
    clearFault: (host) => lab.clearFault(host),
    passTime: () => delay(POLL_MS),
  };
}
