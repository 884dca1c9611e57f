import { PULL_RESULTS, type PullState } from './agent.ts';
import { single, type Family } from './exposition.ts';
import type { Histogram } from './histogram.ts';

/** What the agent says about itself. */
export function agentFamilies(pulls: PullState, writeDurations: Histogram): readonly Family[] {
  return [
    {
      name: 'innervisor_agent_info',
      type: 'gauge',
      help: "A metric with a constant '1' value labeled by the agent's version.",
      samples: [{ labels: { version: 'lab' }, value: 1 }],
    },
    generationFamily(pulls.inForce?.generation ?? 0),
    single(
      'innervisor_agent_peers',
      'gauge',
      'Peers in the document in force, this probe among them.',
      pulls.inForce?.peers.length ?? 0,
    ),
    single(
      'innervisor_agent_last_pull_successful',
      'gauge',
      'Whether the last pull of the peers document brought a good one.',
      pulls.last === 'ok' ? 1 : 0,
    ),
    single(
      'innervisor_agent_last_pull_success_timestamp_seconds',
      'gauge',
      'When a pull last brought a good peers document, 0 before the first.',
      (pulls.lastSuccessMs ?? 0) / 1_000,
    ),
    {
      name: 'innervisor_agent_pulls_total',
      type: 'counter',
      help: 'Pulls of the peers document by how they ended.',
      samples: PULL_RESULTS.map((result) => ({ labels: { result }, value: pulls.counts[result] })),
    },
    {
      name: 'innervisor_agent_disk_write_duration_seconds',
      type: 'histogram',
      help: "Duration of small synchronous writes to the probe's disk.",
      samples: writeDurations.samples({}),
    },
  ];
}

/** The generation of the peers that an agent goes by; 0 when it has none. */
export function generationFamily(generation: number): Family {
  return single(
    'innervisor_agent_peers_generation',
    'gauge',
    'Generation of the peers document in force, 0 before the first.',
    generation,
  );
}
