import type { RegionDeps } from '../../../src/activities/deps.ts';
import type { PreflightCheck, PreflightReport } from '../../../src/domain/preflight.ts';
import { INPUT, run } from '../../contract/steps/world.ts';
import type { Region } from './region.ts';

/** What a preflight says of a region, with some of a worker's dependencies replaced. */
export async function lookAt(region: Region, changes: Partial<RegionDeps> = {}): Promise<PreflightReport> {
  return await run(region.activities(changes).preflight, INPUT);
}

/** The first check whose name begins so. */
export function found({ checks }: PreflightReport, name: string): PreflightCheck | undefined {
  return checks.find(({ check }) => check.startsWith(name));
}
