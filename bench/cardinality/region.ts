import { agentFamilies } from '../../lab/guests/agentMetrics.ts';
import { exporterFamilies } from '../../lab/guests/exporterMetrics.ts';
import { renderFamilies } from '../../lab/guests/exposition.ts';
import { createLoadModel, type Load } from '../../lab/guests/index.ts';
import { computePings } from '../../lab/guests/mesh.ts';
import { nodeFamilies } from '../../lab/guests/nodeMetrics.ts';
import { createOdometer } from '../../lab/guests/odometer.ts';
import { createPings, peerTarget, publicTarget } from '../../lab/guests/pings.ts';

/** The defaults of `probe.peersMax` and `.watchers`, and as many public targets as docs/metrics.md asks for. */
const MESH = { peersMax: 64, watchers: 20 };
const PUBLIC_TARGETS = ['192.0.2.1', '198.51.100.1', '203.0.113.1'];
const ZONES = ['zone-a', 'zone-b', 'zone-c'];
const AGENT_INTERVAL_MS = 300_000;

/** A region of probes that measure without being machines. */
export interface BenchRegion {
  readonly probes: readonly BenchProbe[];
  /** Pairs of a probe and a peer that it pings. */
  readonly pairs: number;
  setLoad(load: Partial<Load>): void;
}

/** One probe and what Prometheus is told of it. */
export interface BenchProbe {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The page of one of its exporters, as it is now. */
  render(exporter: string): string;
}

/** Makes a region of this many hypervisors, by a clock of the caller's. */
export function createBenchRegion(hypervisors: number, now: () => number): BenchRegion {
  const model = createLoadModel({ now, seed: 'cardinality' });
  const peers = Array.from({ length: hypervisors }, (_, index) => ({
    probeId: index.toString(16).padStart(8, '0'),
    serverId: String(index),
    address: `10.77.${index >> 8}.${index & 255}`,
    hypervisor: `cmp${String(index).padStart(4, '0')}.example.net`,
    availabilityZone: ZONES[index % ZONES.length] ?? null,
  }));
  const pinged = computePings(peers, MESH);
  const known = { generation: 1, sha256: '0'.repeat(64), peers };
  const world = PUBLIC_TARGETS.map(publicTarget);

  const probes = peers.map((own): BenchProbe => {
    const { probeId: id, hypervisor, availabilityZone } = own;
    const odometer = createOdometer(model, id, { hypervisor, bootMs: now() });
    const pings = createPings(model, { source: own, answers: () => true });
    const targets = peers.filter(({ probeId }) => pinged.get(id)?.has(probeId));
    pings.retarget([...targets.map(peerTarget), ...world], now());
    const render = (exporter: string): string => {
      const nowMs = now();
      if (exporter === 'node') return renderFamilies(nodeFamilies(odometer, id, nowMs));
      const confirmedMs = nowMs - (nowMs % AGENT_INTERVAL_MS);
      const pulls = { lastError: null, lastRunMs: confirmedMs, confirmedMs, changedMs: 0 };
      return renderFamilies([
        ...exporterFamilies(odometer.read(nowMs), pings.read(nowMs), {
          version: 'abcdef012345',
          storageClass: 'local',
          generation: 1,
        }),
        ...agentFamilies({ ...pulls, inForce: known, last: 'unchanged' }, 'abcdef012345'),
      ]);
    };
    const probe = `probe-${hypervisor.split('.', 1)[0] ?? ''}-${id}`;
    const zone = availabilityZone ?? '';
    return {
      id,
      render,
      labels: { region: 'bench', availability_zone: zone, hypervisor, probe, probe_id: id },
    };
  });
  return {
    probes,
    pairs: [...pinged.values()].reduce((sum, { size }) => sum + size, 0),
    setLoad: (load) => {
      for (const { hypervisor } of peers) model.setLoad(hypervisor, load);
    },
  };
}
