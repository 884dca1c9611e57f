import { renderDashboards } from '../../../monitoring/dashboards/index.ts';
import { writeDashboards } from '../../../monitoring/dashboards/write.ts';
import type { DashboardsOptions } from '../commands/dashboards.ts';
import { CliError } from '../errors.ts';
import { printResult } from '../terminal/output.ts';
import { renderTable } from '../terminal/table.ts';

/**
 * Lists the dashboards, or writes them into a folder.
 * @throws CliError when they can't be written there.
 */
export async function dashboards({ output, outputDir }: DashboardsOptions): Promise<void> {
  if (outputDir !== undefined) {
    const files = await write(outputDir);
    printResult(output, files, () => files.join('\n'));
    return;
  }
  const all = renderDashboards();
  printResult(
    output,
    all.map(({ json, ...rest }) => ({ ...rest, dashboard: JSON.parse(json) as unknown })),
    (paint) =>
      renderTable(
        ['uid', 'what it shows'],
        all.map(({ uid, description }) => [paint('strong', uid), description]),
        paint,
      ),
  );
}

async function write(folder: string): Promise<readonly string[]> {
  try {
    return await writeDashboards(folder);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`the dashboards can't be written into ${folder}: ${why}`, {
      hint: 'name a folder that you may write to with --output-dir',
      cause,
    });
  }
}
