import type { DestroyReport } from '../domain/destruction.ts';
import type { ArtifactRef, PassReport } from '../domain/pass.ts';
import { canonicalJson, sha256 } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { memoryKey } from './memory.ts';
import { ordersKey } from './orders.ts';

const PRUNED_MAX = 1_000;
const LISTED_MAX = 100_000;

/** Keeps the report of a pass that changed something or was held, and drops what retention no longer keeps. */
export async function writeReport(
  deps: StepDeps,
  input: PassInput & { readonly report: PassReport | DestroyReport },
): Promise<{ readonly report: ArtifactRef; readonly pruned: number }> {
  const body = canonicalJson(input.report);
  const prefix = `${deps.artifactsPrefix}${deps.region}/`;
  const key = `${prefix}${input.pass}/report.json`;
  await deps.artifacts.putObject(key, body, { contentType: 'application/json' });
  const kept: ReadonlySet<string> = new Set([memoryKey(deps), ordersKey(deps)]);
  const oldestMs = deps.now() - deps.artifactsKeepDays * 86_400_000;
  const expired = (await deps.artifacts.listObjects(prefix, { max: LISTED_MAX }))
    .filter(({ key: old, lastModified }) => !kept.has(old) && lastModified.getTime() < oldestMs)
    .slice(0, PRUNED_MAX);
  for (const object of expired) await deps.artifacts.deleteObject(object.key);
  return { report: { key, sha256: sha256(body), bytes: Buffer.byteLength(body) }, pruned: expired.length };
}
