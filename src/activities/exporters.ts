import { log } from '@temporalio/activity';
import type { ExporterReport } from '../domain/inventory.ts';
import type { Probe } from '../domain/probe.ts';
import { PrometheusError } from '../prometheus/error.ts';
import type { StepDeps } from './deps.ts';

/**
 * Asks Prometheus, in two queries at most, of which probes an exporter gave no answer at all for as long as the policy
 * says, which have not been scraped on each exporter, and of which one gives no answer now. It is knowledge that a plan
 * can do without: `undefined` when Prometheus fails.
 */
export async function observeExporters(
  deps: StepDeps,
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<ExporterReport | undefined> {
  const up = `up{region=${JSON.stringify(deps.region)},probe_id!=""}`;
  const range = `${Math.ceil(deps.policy.silentMs / 1000)}s`;
  const ids = [...new Set(probes.map(({ probeId }) => probeId))];
  const exporters = Object.keys(deps.targets.ports);
  try {
    const lately = await askExporters(deps, `max_over_time(${up}[${range}])`, signal);
    const silent = ids.filter((id) => isMissed(lately.get(id)));
    const now = silent.length === 0 ? lately : await askExporters(deps, up, signal);
    return {
      watched: ids.filter((id) => lately.has(id)).length,
      silent,
      unseen: ids.filter((id) => {
        const answers = lately.get(id);
        return !isMissed(answers) && !exporters.every((exporter) => answers?.has(exporter));
      }),
      unanswered: ids.filter((id) => isMissed(now.get(id))),
    };
  } catch (error) {
    if (!(error instanceof PrometheusError)) throw error;
    log.warn(`Prometheus doesn't say which probes answer; the plan is made without that: ${error.message}`);
    return undefined;
  }
}

/** The value of each exporter of one probe. */
type Answers = ReadonlyMap<string, number>;

/** By probe id. The labels of a target change when its probe moves, so that of one exporter the best series counts. */
async function askExporters(
  { prometheus }: StepDeps,
  expression: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Answers>> {
  const samples = await prometheus.queryInstant(`max by (probe_id, exporter) (${expression})`, signal);
  const byProbe = Map.groupBy(samples, ({ labels }) => labels['probe_id'] ?? '');
  return new Map(
    [...byProbe].map(([id, own]) => [
      id,
      new Map(own.map(({ labels, value }) => [labels['exporter'] ?? '', value])),
    ]),
  );
}

/** Whether one that is scraped doesn't answer. */
function isMissed(answers: Answers | undefined): boolean {
  return answers?.values().some((value) => value === 0) === true;
}
