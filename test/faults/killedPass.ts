import { eventually } from '../support/await.ts';
import type { KillScene } from './killScene.ts';
import type { Outside } from './outside.ts';
import type { PassEnd, Passes } from './passes.ts';
import type { TestedRegion } from './region.ts';
import { findDoubled, findWrong } from './right.ts';
import { SILENT_SECONDS } from './stack.ts';

/** Where the pass that is killed can make no probe. */
const UNLUCKY = 'cmp005';
/** Its probe is silent and is rebooted, by a killed pass perhaps twice: it may still boot when the pass verifies it. */
const SILENT = 'cmp007';

/** A pass in which everything is to be done, among seven hypervisors; two passes later the region is right. */
export async function killPass({
  region,
  passes,
  outside,
  underKill,
}: KillScene): Promise<readonly string[]> {
  await passes.run(region, { interfere: false });
  await disturb(region, passes, outside);
  const end = await underKill(() => passes.run(region, { interfere: false }));
  const broken = [...findWrongEnd(end, region), ...findDoubled(region, false)];
  heal(region);
  return [...broken, ...(await settle(region, passes, outside))];
}

/** A pass that was killed goes on, and nothing fails in it but what had to. */
function findWrongEnd(
  { outcome, failed, unverified, remarks }: PassEnd,
  { sim }: TestedRegion,
): readonly string[] {
  const [unlucky, silent] = [UNLUCKY, SILENT].map((host) => sim.hypervisorOf(host));
  const isRight =
    outcome === 'degraded' &&
    failed.every((hypervisor) => hypervisor === unlucky) &&
    unverified.every((hypervisor) => hypervisor === unlucky || hypervisor === silent);
  return isRight ? [] : [`the pass that was killed ended ${outcome}: ${remarks.join('; ')}`];
}

/** Where each kind of change is waiting for the next pass, so that it runs every step there is. */
async function disturb(region: TestedRegion, passes: Passes, outside: Outside): Promise<void> {
  const { sim, observer } = region;
  const probeOn = async (host: string) => {
    const probe = (await observer.listServers()).find((server) => server.host === host);
    if (probe === undefined) throw new Error(`no probe on ${host}`);
    return probe;
  };
  const on = async (host: string): Promise<string> => (await probeOn(host)).id;
  const silent = await probeOn(SILENT);
  region.silenceGuest(silent.id);
  await observer.disable('cmp003', 'MAINT');
  await passes.run(region, { interfere: false });
  await observer.disable('cmp004', 'MAINT');
  sim.fillHost('cmp001');
  await observer.resetToError(await on('cmp001'));
  await observer.deleteServer(await on('cmp002'));
  sim.setFault(UNLUCKY, { spawn_error: 'out of luck' });
  await observer.deleteServer(await on(UNLUCKY));
  const moved = await on('cmp006');
  await observer.liveMigrate(moved, SILENT);
  await eventually(
    async () => {
      const servers = await observer.listServers();
      return servers.every(
        ({ id, host, status, taskState }) =>
          status !== 'MIGRATING' && taskState === null && (id !== moved || host === SILENT),
      );
    },
    { describe: 'the deletions and the migration to end' },
  );
  const probeId = silent.metadata['innervisor_probe'] ?? '';
  const unanswered = `max_over_time(up{probe_id="${probeId}",exporter="node"}[${SILENT_SECONDS}s]) == 0`;
  await eventually(async () => (await outside.query(unanswered)) > 0, {
    timeoutMs: 120_000,
    intervalMs: 1_000,
    describe: 'Prometheus to have seen the silent probe silent for long enough',
  });
}

function heal({ sim }: TestedRegion): void {
  sim.clearFault(UNLUCKY);
  sim.emptyHost('cmp001');
}

/** What is still wrong two passes after the kill. */
async function settle(region: TestedRegion, passes: Passes, outside: Outside): Promise<readonly string[]> {
  for (let left = 2; ; left -= 1) {
    const { paused } = await passes.run(region, { interfere: false });
    const wrong = await findWrong(region, outside, paused);
    if (wrong.length === 0 || left === 1) return wrong;
  }
}
