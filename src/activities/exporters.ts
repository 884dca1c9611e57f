import { log } from '@temporalio/activity';
import type { ExporterReport } from '../domain/inventory.ts';
import type { Probe } from '../domain/probe.ts';
import { PrometheusError } from '../prometheus/error.ts';
import type { StepDeps } from './deps.ts';

/**
 * Asks Prometheus, in one query, of which probes an exporter gave no answer at all for as long as the policy says. It is
 * knowledge that a plan can do without: `undefined` when Prometheus fails.
 */
export async function observeExporters(
  deps: StepDeps,
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<ExporterReport | undefined> {
  const selector = `{region=${JSON.stringify(deps.region)},probe_id!=""}`;
  const range = `${Math.ceil(deps.policy.silentMs / 1000)}s`;
  // The labels of a target change when its probe moves: of one exporter the best series counts, of a probe the worst exporter.
  const best = `max by (probe_id, exporter) (max_over_time(up${selector}[${range}]))`;
  try {
    const samples = await deps.prometheus.queryInstant(`min by (probe_id) (${best})`, signal);
    const answers = new Map(samples.map(({ labels, value }) => [labels['probe_id'] ?? '', value]));
    const watched = [...new Set(probes.map(({ probeId }) => probeId))].filter((id) => answers.has(id));
    return { watched: watched.length, silent: watched.filter((id) => answers.get(id) === 0) };
  } catch (error) {
    if (!(error instanceof PrometheusError)) throw error;
    log.warn(`Prometheus doesn't say which probes answer; the plan is made without that: ${error.message}`);
    return undefined;
  }
}
