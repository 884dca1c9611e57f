import type { PullState } from './agent.ts';
import type { Family } from './exposition.ts';

/** What the agent wrote about its last run; nothing before the first. */
export function agentFamilies(pulls: PullState, version: string): readonly Family[] {
  const { inForce, last } = pulls;
  if (last === null) return [];
  const isOk = last === 'updated' || last === 'unchanged';
  return [
    family('info', 1, { version }),
    generationFamily(inForce?.generation ?? 0),
    family('peers_info', 1, { sha256: inForce?.sha256 ?? '' }),
    family('peers_listed', inForce?.peers.length ?? 0),
    family('peers_changed_timestamp_seconds', seconds(pulls.changedMs)),
    family('confirmed_timestamp_seconds', seconds(pulls.confirmedMs)),
    family('last_run_timestamp_seconds', seconds(pulls.lastRunMs)),
    family('last_run_ok', isOk ? 1 : 0),
    family('last_result', 1, { result: last }),
  ];
}

/** The generation of the peers that an agent goes by; 0 when it has none. */
export function generationFamily(generation: number): Family {
  return family('peers_generation', generation);
}

/** The agent is a shell script that writes no help. */
function family(name: string, value: number, labels: Readonly<Record<string, string>> = {}): Family {
  return { name: `innervisor_agent_${name}`, type: 'gauge', samples: [{ labels, value }] };
}

function seconds(ms: number | null): number {
  return Math.floor((ms ?? 0) / 1_000);
}
