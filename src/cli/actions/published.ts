import type { Config, RegionConfig } from '../../config/index.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { readPeers } from '../published/peers.ts';
import { listProbes } from '../published/probes.ts';
import { listTargets } from '../published/targets.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderPeers, renderProbes, renderTargets } from '../render/published.ts';
import type { Paint } from '../terminal/paint.ts';

/** Options of the commands that read what is published. */
export interface ReadOptions {
  readonly all: boolean;
  readonly output: OutputForm;
}

/** Shows something of each of these regions, or of every one; gives the exit code. */
export type Show = (config: Config, named: readonly string[], options: ReadOptions) => Promise<ExitCode>;

/** Shows which probes Prometheus scrapes. */
export const showTargets: Show = showEach(
  async (region, config) => ({ region, targets: await listTargets(region, config) }),
  renderTargets,
);

/** Shows the list of peers as the probes read it. */
export const showPeers: Show = showEach(
  async (region, config) => ({ region, document: (await readPeers(region, config)) ?? null }),
  renderPeers,
);

/** Shows the published probes, of which both tell. */
export const showProbes: Show = showEach(listProbes, renderProbes);

/** Reads something of each region without Temporal. */
function showEach<T>(
  read: (region: string, config: RegionConfig) => Promise<T>,
  render: (result: T, paint: Paint) => string,
): Show {
  return async (config, named, { all, output }) => {
    const regions = chooseRegions(config, { named, all }, 'all');
    const isList = all || named.length === 0;
    return await overRegions(regions, { output, all: isList, render }, async (region) => ({
      code: exitCodes.ok,
      result: await read(region, regionOf(config, region)),
    }));
  };
}

/** What the configuration says of a region that was chosen from it. */
export function regionOf({ regions }: Config, region: string): RegionConfig {
  const config = regions[region];
  if (config === undefined) throw new RangeError(`no region ${region}`);
  return config;
}
