import { renderAllRules, type RuleSettings } from '../../../monitoring/prometheus/render.ts';
import { writeRuleFiles } from '../../../monitoring/prometheus/write.ts';
import type { Config, RegionConfig } from '../../config/index.ts';
import { CliError } from '../errors.ts';

/** Options of `innervisor rules`. */
export interface RulesOptions {
  readonly outputDir?: string;
}

/**
 * Prints the rules of an installation, or writes them and prints where.
 *
 * @throws CliError where the folder can't be written.
 */
export async function rules(config: Config, { outputDir }: RulesOptions): Promise<void> {
  const settings = settingsOf(config);
  if (outputDir === undefined) {
    process.stdout.write(renderAllRules(settings));
    return;
  }
  const paths = await writeInto(outputDir, settings);
  process.stdout.write(`${paths.join('\n')}\n`);
}

async function writeInto(folder: string, settings: RuleSettings): Promise<readonly string[]> {
  try {
    return await writeRuleFiles(folder, settings);
  } catch (cause) {
    throw new CliError(`the rules can't be written into ${folder}: ${(cause as Error).message}`, {
      hint: 'name a folder that you may write to with --output-dir, or leave it out and redirect stdout',
      cause,
    });
  }
}

function settingsOf({ regions, links }: Config): RuleSettings {
  return {
    regions: Object.fromEntries(Object.entries(regions).map(([name, region]) => [name, policyOf(region)])),
    links: { runbooks: links.runbooks, grafana: links.grafana ?? '' },
  };
}

function policyOf({ alerts, probe }: RegionConfig): RuleSettings['regions'][string] {
  return {
    alerts,
    agentIntervalSeconds: probe.agentIntervalSeconds,
    watchers: Math.min(probe.watchers, probe.peersMax),
  };
}
