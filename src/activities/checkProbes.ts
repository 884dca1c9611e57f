import type { TargetGroup } from '../domain/target.ts';
import type { CheckResult, CheckStatus } from '../domain/verification.ts';
import type { StepDeps } from './deps.ts';

/** The series that each exporter must have; without it the exporter runs but measures nothing. */
const SERIES: Readonly<Record<string, string>> = {
  node: 'node_cpu_seconds_total',
  ping: 'innervisor_ping_up',
};

/** Asks Prometheus about these targets: whether it gets answers, with the series that matter, and who has pulled the peers. */
export async function checkProbes(
  deps: Pick<StepDeps, 'region' | 'prometheus'>,
  groups: readonly TargetGroup[],
  generation: number,
  generationIsNew: boolean,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const selector = `region=${JSON.stringify(deps.region)}`;
  const [up, generations, ...series] = await Promise.all([
    deps.prometheus.queryInstant(`up{${selector},probe_id!=""}`, signal),
    deps.prometheus.queryInstant(`innervisor_agent_peers_generation{${selector}}`, signal),
    ...Object.values(SERIES).map((name) =>
      deps.prometheus.queryInstant(`count by (probe_id) (${name}{${selector}})`, signal),
    ),
  ]);
  const answering = new Set(up.filter(({ value }) => value === 1).map(({ labels }) => targetId(labels)));
  // After a crash Prometheus shows a series that it scrapes no more, under labels of before, for five minutes.
  const pulled = new Map(
    generations
      .toSorted((a, b) => a.value - b.value)
      .map(({ labels, value }) => [labels['probe_id'] ?? '', value]),
  );
  const exporters = Object.keys(SERIES);
  const measuring = series.map((samples) => new Set(samples.map(({ labels }) => labels['probe_id'] ?? '')));
  return groups.flatMap(({ labels }) => {
    const probeId = labels['probe_id'] ?? '';
    const exporter = labels['exporter'] ?? '';
    const base = { probeId, hypervisor: labels['hypervisor'] ?? '' };
    const index = exporters.indexOf(exporter);
    const results: CheckResult[] = [
      answering.has(targetId(labels))
        ? { ...base, check: 'scraped', status: 'ok', detail: exporter }
        : {
            ...base,
            check: 'scraped',
            status: 'failed',
            detail: `Prometheus gets no answer from its ${exporter} exporter`,
          },
    ];
    if (index >= 0) {
      const status: CheckStatus = measuring[index]?.has(probeId) === true ? 'ok' : 'failed';
      results.push({ ...base, check: 'series', status, detail: SERIES[exporter] ?? '' });
    }
    if (exporter === 'ping')
      results.push({
        ...base,
        check: 'peersPulled',
        ...judgePull(pulled.get(probeId), generation, generationIsNew),
      });
    return results;
  });
}

/** An agent pulls in its own time: a generation that this pass published is only pending. */
function judgePull(
  pulled: number | undefined,
  generation: number,
  generationIsNew: boolean,
): { readonly status: CheckStatus; readonly detail: string } {
  if (pulled !== undefined && pulled >= generation) return { status: 'ok', detail: `generation ${pulled}` };
  const detail = `has peers generation ${pulled ?? 'none'}, published is ${generation}`;
  return { status: generationIsNew ? 'pending' : 'failed', detail };
}

function targetId(labels: Readonly<Record<string, string>>): string {
  return `${labels['probe_id'] ?? ''}/${labels['exporter'] ?? ''}`;
}
