import { log } from '@temporalio/activity';
import { z } from 'zod';
import { FAILURE_KINDS } from '../domain/failure.ts';
import { EMPTY_MEMORY, type FailureRecord, type Memory } from '../domain/memory.ts';
import { ObjectStoreError } from '../objectstore/error.ts';
import { canonicalJson } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { parseJson } from './parseJson.ts';

const MEMORY_BYTES_MAX = 16 * 1024 * 1024;

const failureKind = z.enum(FAILURE_KINDS);
const count = z.number().int().min(1).max(1_000_000);

const failureRecord = z.object({
  creations: z.array(
    z.object({
      hypervisor: z.string(),
      revision: z.string(),
      failures: count,
      kind: failureKind,
      at: z.iso.datetime(),
    }),
  ),
  rollout: z
    .object({ revision: z.string(), failures: z.array(z.object({ kind: failureKind, count })) })
    .nullable(),
});

const StoredDocument = failureRecord.extend({
  schema: z.literal(1),
  installation: z.string(),
  region: z.string(),
  pass: z.string(),
  // Older workers wrote neither.
  at: z.iso.datetime().optional(),
  before: failureRecord.optional(),
  unconfirmed: z
    .array(z.object({ hypervisor: z.string(), probeId: z.string(), serverId: z.string() }))
    .default([]),
});

/** From what on a pass remembers: it may write more than once, and counts each failure once. */
export interface PassStart {
  /** When it wrote first, in ISO 8601. */
  readonly at: string;
  /** What had failed before it. */
  readonly before: FailureRecord;
}

/** The pass whose failures are counted in the memory, and from what on, however often it wrote. */
export interface CountedPass extends PassStart {
  readonly pass: string;
}

/** What earlier passes have left. */
export interface StoredMemory {
  readonly memory: Memory;
  /** `null` where none has written. */
  readonly written: CountedPass | null;
  /** `null` where there is none. */
  readonly etag: string | null;
  /** Whether there is something that isn't ours, or can't be read; it counts as nothing and is overwritten. */
  readonly isMalformed: boolean;
}

/** Where a region's memory lies: beside its plans and reports, and kept however old it gets. */
export function memoryKey({ artifactsPrefix, region, installation }: StepDeps): string {
  return `${artifactsPrefix}${region}/memory/${installation}.json`;
}

/** Reads the memory. What can't be understood is told in the log and costs no more than what it remembered. */
export async function readMemory(deps: StepDeps): Promise<StoredMemory> {
  const key = memoryKey(deps);
  const stored = await readBody(deps, key);
  if (stored === undefined) return { memory: EMPTY_MEMORY, written: null, etag: null, isMalformed: false };
  const parsed = StoredDocument.safeParse(parseJson(stored.body));
  const isOurs =
    parsed.success && parsed.data.installation === deps.installation && parsed.data.region === deps.region;
  if (!isOurs) {
    log.warn(`${key} in S3 is not the memory of this region; it is ignored and will be written anew`);
    return { memory: EMPTY_MEMORY, written: null, etag: stored.etag, isMalformed: true };
  }
  const { creations, rollout, unconfirmed, pass, at, before } = parsed.data;
  const memory = { creations, rollout, unconfirmed };
  const written = at === undefined || before === undefined ? null : { pass, at, before };
  return { memory, written, etag: stored.etag, isMalformed: false };
}

/** From what on this pass remembers. */
export function startOf(deps: StepDeps, { memory, written }: StoredMemory, { pass }: PassInput): CountedPass {
  if (written?.pass === pass) return written;
  const { creations, rollout } = memory;
  return { pass, at: new Date(deps.now()).toISOString(), before: { creations, rollout } };
}

/**
 * Writes the memory where it has changed, on condition that nobody else has written it since it was read. Gives whether it
 * was written.
 */
export async function writeMemory(
  deps: StepDeps,
  { pass, at, before }: CountedPass,
  stored: StoredMemory,
  memory: Memory,
): Promise<boolean> {
  const { etag, isMalformed } = stored;
  if (!isMalformed && canonicalJson(memory) === canonicalJson(stored.memory)) return false;
  const { installation, region } = deps;
  const body = canonicalJson({ schema: 1, installation, region, pass, at, before, ...memory });
  const condition = etag === null ? ({ ifNoneMatch: '*' } as const) : { ifMatch: etag };
  await deps.artifacts.putObject(memoryKey(deps), `${body}\n`, {
    contentType: 'application/json',
    ...condition,
  });
  return true;
}

/** One that is too large is none of ours either; its body is left where it is. */
async function readBody(
  { artifacts }: StepDeps,
  key: string,
): Promise<{ readonly body: string; readonly etag: string } | undefined> {
  try {
    return await artifacts.getObject(key, { maxBytes: MEMORY_BYTES_MAX });
  } catch (error) {
    if (!(error instanceof ObjectStoreError) || error.code !== 'tooLarge') throw error;
    const head = await artifacts.headObject(key);
    return head === undefined ? undefined : { body: '', etag: head.etag };
  }
}
