import { z } from 'zod';
import type { TargetGroup, TargetOwner } from '../../domain/target.ts';
import type { ObjectStore } from '../../objectstore/client.ts';
import { parseTargets, renderTargets } from '../../prometheus/targetsText.ts';
import { canonicalJson } from '../artifacts.ts';
import { failure } from '../failures.ts';
import { TARGETS_BYTES_MAX } from './limits.ts';
import { claimedByAnother, refuseFull, type TargetsPublisher } from './publisher.ts';

/** The document in S3: what Prometheus is served, and whose it is, which the served list can't say when it is empty. */
const StoredTargets = z.object({
  schema: z.literal(1),
  installation: z.string(),
  region: z.string(),
  groups: z.array(z.unknown()),
});

/** Where the document lies. */
export interface TargetsObject {
  readonly store: ObjectStore;
  readonly key: string;
}

/** Publishes to an object in S3, from which any worker serves it to Prometheus (http_sd). */
export function createObjectPublisher(object: TargetsObject, owner: TargetOwner): TargetsPublisher {
  const { store, key } = object;
  return {
    isFile: false,
    place: describePlace(key),
    advice:
      `check that a scrape job's http_sd_configs asks http://WORKER/targets/${owner.region}, ` +
      'and look at prometheus_sd_http_failures_total',
    check: async (signal) => ((await readObject(object, owner, signal)) === undefined ? 'absent' : 'present'),
    tryWriting: async (signal) => {
      const beside = `${key}.preflight`;
      await store.putObject(beside, '[]', { contentType: 'application/json' }, signal);
      await store.deleteObject(beside, signal);
    },
    publish: async (groups, signal) => {
      const text = renderTargets(groups, describePlace(key));
      const stored = await readObject(object, owner, signal);
      if (stored?.text === text) return 'unchanged';
      const document = { schema: 1, ...owner, groups: JSON.parse(text) as readonly TargetGroup[] };
      const condition = stored === undefined ? ({ ifNoneMatch: '*' } as const) : { ifMatch: stored.etag };
      const options = { contentType: 'application/json', ...condition };
      await store.putObject(key, `${canonicalJson(document)}\n`, options, signal);
      return 'written';
    },
    remove: async (signal) => {
      const stored = await readObject(object, owner, signal);
      if (stored === undefined) return;
      refuseFull(parseTargets(stored.text, describePlace(key)), describePlace(key));
      await store.deleteObject(key, signal);
    },
  };
}

/**
 * The stored document as Prometheus' HTTP service discovery takes it.
 * @throws ObjectStoreError, PrometheusError or a failure for one that can't be read, is malformed, foreign or absent.
 */
export async function readServedTargets(
  object: TargetsObject,
  owner: TargetOwner,
  signal: AbortSignal,
): Promise<string> {
  const stored = await readObject(object, owner, signal);
  if (stored !== undefined) return stored.text;
  const message = `${describePlace(object.key)} is not there; run a pass: innervisor reconcile ${owner.region}`;
  throw failure('notFound', message, { terminal: true });
}

async function readObject(
  { store, key }: TargetsObject,
  owner: TargetOwner,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly etag: string } | undefined> {
  const stored = await store.getObject(key, { maxBytes: TARGETS_BYTES_MAX }, signal);
  if (stored === undefined) return undefined;
  const place = describePlace(key);
  const parsed = StoredTargets.safeParse(parseJson(stored.body));
  if (!parsed.success) {
    const message = `${place} is no document of targets; look at what it is, then move it away`;
    throw failure('malformedDocument', message, { terminal: true });
  }
  const { installation, region, groups } = parsed.data;
  if (installation !== owner.installation || region !== owner.region)
    throw claimedByAnother(place, { installation, region }, owner);
  return {
    text: renderTargets(parseTargets(JSON.stringify(groups), place), place),
    etag: stored.etag,
  };
}

function describePlace(key: string): string {
  return `${key} in S3`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
