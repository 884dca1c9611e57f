import { setTimeout as delay } from 'node:timers/promises';
import type { ArtifactRef } from '../domain/pass.ts';
import type { TargetGroup } from '../domain/target.ts';
import { writeTargetGroups } from '../prometheus/fileSd.ts';
import { getArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { failure } from './failures.ts';

/** What Prometheus has after the step: exactly the published set. */
export interface PublishedTargets {
  readonly written: boolean;
  readonly targets: number;
}

/** Step 9: writes the targets, reloads where the configuration says so, and waits until Prometheus has exactly them. */
export async function publishTargets(
  deps: StepDeps,
  input: PassInput & { readonly targets: ArtifactRef },
  signal: AbortSignal,
): Promise<PublishedTargets> {
  const groups = await getArtifact<readonly TargetGroup[]>(deps, input.targets);
  const written = (await writeTargetGroups(deps.targetsPath, groups)) === 'written';
  if (written && deps.reload) await deps.prometheus.reload(signal);
  const wanted = new Set(
    groups.flatMap(({ targets, labels }) => targets.map((target) => `${target} ${labels['probe_id'] ?? ''}`)),
  );
  const deadlineMs = deps.now() + deps.wait.targetsMs;
  for (;;) {
    const difference = await compareTargets(deps, wanted, signal);
    if (difference === undefined) return { written, targets: wanted.size };
    if (deps.now() >= deadlineMs) {
      const message =
        `Prometheus does not have the published targets after ${deps.wait.targetsMs / 1000} s: ${difference}; ` +
        `check that a scrape job's file_sd_configs reads ${deps.targetsPath} and look at prometheus_sd_file_read_errors_total`;
      throw failure('timeout', message, { terminal: false });
    }
    deps.tell(`Prometheus hasn't taken them over yet: ${difference}`);
    await delay(deps.wait.pollMs, undefined, { signal });
  }
}

/** How Prometheus' targets of the region differ from the published ones; `undefined` when the sets are equal. */
async function compareTargets(
  deps: StepDeps,
  wanted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const active = await deps.prometheus.listActiveTargets({}, signal);
  const present = new Set(
    active
      .map(({ discoveredLabels }) => discoveredLabels)
      .filter((labels) => labels['region'] === deps.region && labels['probe_id'] !== undefined)
      .map((labels) => `${labels['__address__'] ?? ''} ${labels['probe_id'] ?? ''}`),
  );
  const missing = wanted.difference(present);
  const stray = present.difference(wanted);
  if (missing.size === 0 && stray.size === 0) return undefined;
  const example = [...missing, ...stray][0] ?? '';
  return `${missing.size} missing, ${stray.size} too many, such as ${example}`;
}
