import type { Config } from '../../config/index.ts';
import { CliError } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { listProbes, type ShownProbe } from '../published/probes.ts';
import { chooseRegions } from '../regions.ts';
import { renderProbe, type ProbeDetails } from '../render/probe.ts';
import { readStatus } from '../status/read.ts';
import { withTemporal } from '../temporal.ts';
import { printResult } from '../terminal/output.ts';
import { regionOf } from './published.ts';

/**
 * Shows a published probe with what the last pass did and found about it.
 * @throws CliError where none is called so.
 */
export async function showProbe(
  config: Config,
  region: string,
  wanted: string,
  output: OutputForm,
): Promise<void> {
  chooseRegions(config, { named: [region], all: false }, 'refuse');
  const found = findProbes((await listProbes(region, regionOf(config, region))).probes, wanted);
  const details = await withTemporal(async (client) => {
    const { last } = await readStatus(client, region);
    return found.map((probe): ProbeDetails => describe(region, probe, last));
  });
  const [only] = details;
  if (only === undefined)
    throw new CliError(`no probe ${JSON.stringify(wanted)} is published in ${region}`, {
      hint: `innervisor probes list ${region} shows those that are; innervisor plan ${region} what is missing, and why`,
    });
  printResult(output, details.length === 1 ? only : details, (paint) =>
    details.map((one) => renderProbe(one, paint)).join('\n'),
  );
}

function findProbes(probes: readonly ShownProbe[], wanted: string): readonly ShownProbe[] {
  return probes.filter(
    ({ probeId, name, hypervisor }) =>
      [probeId, name, hypervisor].includes(wanted) || hypervisor.split('.')[0] === wanted,
  );
}

function describe(
  region: string,
  probe: ShownProbe,
  last: Awaited<ReturnType<typeof readStatus>>['last'],
): ProbeDetails {
  const report = last?.report ?? null;
  const isAbout = (one: { readonly hypervisor: string }): boolean => one.hypervisor === probe.hypervisor;
  return {
    region,
    ...probe,
    lastPass:
      last === null
        ? null
        : {
            outcome: last.outcome,
            endedAt: last.endedAt,
            changes: report?.changes.filter(isAbout) ?? [],
            failures: report?.failures.filter(isAbout) ?? [],
            failedChecks: report?.failedChecks.filter(isAbout) ?? [],
            boot: report?.slowestBoots?.find(({ probeId }) => probeId === probe.probeId) ?? null,
          },
  };
}
