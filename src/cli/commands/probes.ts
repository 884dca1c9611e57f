import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { listProbes, type ShownProbe } from '../published/probes.ts';
import { chooseRegions } from '../regions.ts';
import { renderProbes } from '../render/published.ts';
import { renderProbe, type ProbeDetails } from '../render/probe.ts';
import { readStatus } from '../status/read.ts';
import { withTemporal } from '../temporal.ts';
import { outputOption, printResult, type OutputForm } from '../terminal/output.ts';
import { addReadCommand, regionOf } from './published.ts';

/** `innervisor probes list|show`. */
export function addProbesCommand(program: Command, invocation: Invocation): void {
  const probes = program.command('probes').description('the probes that are published');
  addReadCommand(
    probes.command('list').description('show the published probes of a region, and how they answer'),
    invocation,
    {
      read: listProbes,
      render: renderProbes,
      manual: {
        notes: [
          'Puts together the list of peers, read as the probes read it, and the targets of Prometheus. What should be there but is\nnot, innervisor plan shows.',
        ],
        examples: [['innervisor probes list luxembourg', 'what is published now']],
      },
    },
  );
  const show = probes
    .command('show')
    .description('show one probe, and what the last pass did and found about it')
    .argument('<region>', 'a region of innervisor.yaml')
    .argument('<probe>', 'its id, its name, or its hypervisor with or without the domain')
    .addOption(outputOption())
    .action(async (region: string, wanted: string, { output }: { readonly output: OutputForm }) => {
      const config = await invocation.config();
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
    });
  addManual(show, {
    notes: ['Reads the same as innervisor probes list, and asks Temporal for the report of the last pass.'],
    examples: [
      ['innervisor probes show luxembourg cmp004', 'by its hypervisor'],
      ['innervisor probes show luxembourg 1f0c9a3e --output yaml', 'by its id'],
    ],
  });
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
