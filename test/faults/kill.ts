import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OwnedProcess } from '../../lab/servers/process.ts';
import type { Stack } from '../../lab/stack/index.ts';
import type { Activities } from '../../src/activities/index.ts';
import type { TestedRegion } from './region.ts';

/**
 * When a worker is killed within a step: before it does anything, when the answer to its first request or to its
 * first write has come and nobody has seen it, and when all is done and Temporal doesn't know.
 */
export const MOMENTS = ['start', 'first answer', 'first write', 'end'] as const;

/** See {@link MOMENTS}. */
export type Moment = (typeof MOMENTS)[number];

/** A step of a pass; what only looks, destroys or writes an order down is none. */
type Step = Exclude<
  keyof Activities,
  'preflight' | 'checkRegion' | 'planDestruction' | 'removeDocuments' | 'placeOrder' | 'lookAtHypervisor'
>;

/** A moment of a step. */
export interface Kill {
  readonly step: Step;
  readonly moment: Moment;
}

/** Every step of a pass; the compiler sees to it that none is left out. */
const STEPS = {
  listInventory: true,
  selectHypervisors: true,
  planChanges: true,
  planFallback: true,
  markProbes: true,
  rebootProbes: true,
  openSilences: true,
  prepareCreation: true,
  createProbes: true,
  awaitProbes: true,
  removeHalfMade: true,
  buildTargets: true,
  buildPeers: true,
  uploadPeers: true,
  publishTargets: true,
  proveReplacements: true,
  deleteProbes: true,
  rememberCreations: true,
  verifyProbes: true,
  expireSilences: true,
  writeReport: true,
} satisfies Record<Step, true>;

/** Every moment of every step. */
export const KILLS: readonly Kill[] = (Object.keys(STEPS) as Step[]).flatMap((step) =>
  MOMENTS.map((moment) => ({ step, moment })),
);

/**
 * Steps that only look and wait, in the region of the kill matrix at least: they send no write for an answer to come. Every
 * other moment must come.
 */
const WRITE_NOTHING: ReadonlySet<Step> = new Set(['prepareCreation', 'awaitProbes']);

/** Whether a step has this moment. */
export function mustCome({ step, moment }: Kill): boolean {
  return moment !== 'first write' || !WRITE_NOTHING.has(step);
}

/** A worker of one region that is killed once it is armed; whenever it has ended another one takes its place. */
export interface DoomedWorker {
  arm(): Promise<void>;
  /** Whether its moment has come since. */
  wasKilled(): boolean;
  /** Lets the worker that runs now be the last one. */
  retire(): void;
}

/** Starts it. */
export async function startDoomedWorker(
  stack: Stack,
  region: TestedRegion,
  kill: Kill,
): Promise<DoomedWorker> {
  const armed = join(stack.folder, `${region.name}.armed`);
  const more = {
    nodeArgs: ['--import', pathToFileURL(join(import.meta.dirname, 'killSwitch.ts')).href],
    env: {
      KILL_STEP: kill.step,
      KILL_MOMENT: kill.moment,
      KILL_ARMED: armed,
      KILL_QUEUE: region.taskQueue,
    },
  };
  let isRetired = false;
  const follow = async (worker: OwnedProcess): Promise<void> => {
    await worker.exited;
    if (!isRetired) void follow(await stack.startWorker(more));
  };
  void follow(await stack.startWorker(more));
  return {
    arm: () => writeFile(armed, ''),
    wasKilled: () => !existsSync(armed),
    retire: () => {
      isRetired = true;
    },
  };
}
