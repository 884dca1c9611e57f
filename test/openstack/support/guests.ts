import { startProbes } from '../../../lab/openstack-real/probes.ts';
import type { Guests } from '../../scenario/cloud.ts';
import type { SeenServer } from '../../scenario/shapes.ts';

const LIVING_POLL_MS = 2_000;
const PEERS_POLL_MS = 1_000;

/** Answers on the addresses of all servers that are ACTIVE, looked up every two seconds. */
export async function startGuests(
  peersUrl: string,
  listServers: () => Promise<readonly SeenServer[]>,
): Promise<Guests> {
  let living: ReadonlySet<string> = new Set();
  const refresh = async (): Promise<void> => {
    const active = (await listServers()).filter(({ status }) => status === 'ACTIVE');
    living = new Set(active.flatMap(({ addresses }) => addresses));
  };
  await refresh();
  const probes = await startProbes({
    peersUrl,
    isAlive: (address) => living.has(address),
    pollMs: PEERS_POLL_MS,
  });
  const poll = setInterval(() => {
    refresh().catch((error: unknown) => {
      console.error('the list of living probes failed', error);
    });
  }, LIVING_POLL_MS);
  return {
    stop: async () => {
      clearInterval(poll);
      await probes.stop();
    },
  };
}
