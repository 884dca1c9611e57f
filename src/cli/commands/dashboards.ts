import type { Command } from 'commander';
import { addManual } from '../help.ts';
import { outputOption, type OutputForm } from '../options.ts';

/** What `innervisor dashboards` takes. */
export interface DashboardsOptions {
  readonly output: OutputForm;
  /** Absent: nothing is written. */
  readonly outputDir?: string;
}

/** `innervisor dashboards`. */
export function addDashboardsCommand(program: Command): void {
  addManual(
    program
      .command('dashboards')
      .description('list the dashboards for Grafana, or write them into a folder')
      .option('-d, --output-dir <folder>', 'write a file for each into this folder, which is made')
      .addOption(outputOption())
      .action(async (options: DashboardsOptions) => {
        const { dashboards } = await import('../actions/dashboards.ts');
        await dashboards(options);
      }),
    {
      notes: [
        `They fit every installation: which Prometheus and which region is chosen at their top. That Prometheus needs the rules
of this version. Files that are there already are replaced. How Grafana comes to them: docs/dashboards.md.`,
      ],
      examples: [
        ['innervisor dashboards', 'which there are'],
        [
          'innervisor dashboards --output-dir /var/lib/grafana/innervisor',
          'for a Grafana that reads that folder',
        ],
        ['innervisor dashboards --output json', "all of them as JSON, for Grafana's API"],
      ],
    },
  );
}
