import { log } from '@temporalio/activity';
import type { ExporterReport } from '../domain/inventory.ts';
import type { Probe } from '../domain/probe.ts';
import { PrometheusError } from '../prometheus/error.ts';
import type { StepDeps } from './deps.ts';

/**
 * Asks Prometheus, in two queries at most, of which probes an exporter gave no answer at all for as long as the policy
 * says, and of which one gives none now. It is knowledge that a plan can do without: `undefined` when Prometheus fails.
 */
export async function observeExporters(
  deps: StepDeps,
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<ExporterReport | undefined> {
  const up = `up{region=${JSON.stringify(deps.region)},probe_id!=""}`;
  const range = `${Math.ceil(deps.policy.silentMs / 1000)}s`;
  const ids = [...new Set(probes.map(({ probeId }) => probeId))];
  try {
    const lately = await askWorst(deps, `max_over_time(${up}[${range}])`, signal);
    const silent = ids.filter((id) => lately.get(id) === 0);
    const now = silent.length === 0 ? lately : await askWorst(deps, up, signal);
    const watched = ids.filter((id) => lately.has(id)).length;
    return { watched, silent, unanswered: ids.filter((id) => now.get(id) === 0) };
  } catch (error) {
    if (!(error instanceof PrometheusError)) throw error;
    log.warn(`Prometheus doesn't say which probes answer; the plan is made without that: ${error.message}`);
    return undefined;
  }
}

/**
 * By probe id the value of its worst exporter. The labels of a target change when its probe moves, so that of one
 * exporter the best series counts.
 */
async function askWorst(
  { prometheus }: StepDeps,
  expression: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const query = `min by (probe_id) (max by (probe_id, exporter) (${expression}))`;
  const samples = await prometheus.queryInstant(query, signal);
  return new Map(samples.map(({ labels, value }) => [labels['probe_id'] ?? '', value]));
}
