import type { Command } from 'commander';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, type OutputForm } from '../options.ts';
import { addReadCommand } from './published.ts';

/** `innervisor probes list|show`. */
export function addProbesCommand(program: Command, invocation: Invocation): void {
  const probes = program.command('probes').description('the probes that are published');
  addReadCommand(
    probes.command('list').description('show the published probes of a region, and how they answer'),
    invocation,
    {
      show: async () => (await import('../actions/published.ts')).showProbes,
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
      const { showProbe } = await import('../actions/probe.ts');
      await showProbe(await invocation.config(), region, wanted, output);
    });
  addManual(show, {
    notes: ['Reads the same as innervisor probes list, and asks Temporal for the report of the last pass.'],
    examples: [
      ['innervisor probes show luxembourg cmp004', 'by its hypervisor'],
      ['innervisor probes show luxembourg 1f0c9a3e --output yaml', 'by its id'],
    ],
  });
}
