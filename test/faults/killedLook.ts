import type { PreflightReport } from '../../src/domain/preflight.ts';
import type { RegionVerification } from '../../src/domain/verification.ts';
import { names } from '../../src/workflows/contract.ts';
import type { KillScene } from './killScene.ts';
import { findWrong } from './right.ts';

/** Somebody looks whether a region is ready, and after its first pass whether all is right in it: neither leaves a trace. */
export async function killLook({
  region,
  passes,
  outside,
  underKill,
}: KillScene): Promise<readonly string[]> {
  const { name, observer } = region;
  const broken: string[] = [];
  const { verified } = await underKill(async () => {
    const ready = await passes.call<PreflightReport>(region, names.preflightRegion, { region: name });
    if (ready.outcome !== 'ready') broken.push(`it is ${ready.outcome}: ${describeFailed(ready)}`);
    broken.push(...(await findScratch()));
    const servers = await observer.listServers();
    if (servers.length > 0) broken.push(`the preflight left ${servers.length} servers`);
    await passes.run(region, { interfere: false });
    return { verified: await passes.call<RegionVerification>(region, names.verifyRegion, { region: name }) };
  });
  if (verified.outcome !== 'converged') broken.push(`it is ${verified.outcome}: ${JSON.stringify(verified)}`);
  return [...broken, ...(await findScratch()), ...(await findWrong(region, outside))];

  async function findScratch(): Promise<readonly string[]> {
    const places = [`passes/${name}/`, `peers/${name}.json`];
    const keys = (await Promise.all(places.map((place) => outside.objectKeys(place)))).flat();
    return keys.filter((key) => key.includes('preflight')).map((key) => `${key} was left`);
  }
}

function describeFailed({ checks }: PreflightReport): string {
  return checks
    .filter(({ status }) => status === 'fail')
    .map(({ check, detail }) => `${check}: ${detail}`)
    .join('; ');
}
