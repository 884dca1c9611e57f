import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OwnedProcess } from '../../lab/servers/process.ts';
import type { Stack } from '../../lab/stack/index.ts';
import type { Description } from '../../src/activities/describeInstallation.ts';
import type { Activities } from '../../src/activities/index.ts';
import type { TestedRegion } from './region.ts';

/**
 * When a worker is killed within a step: before it does anything, when the answer to its first request or to its
 * first write has come and nobody has seen it, and when all is done and Temporal doesn't know.
 */
export const MOMENTS = ['start', 'first answer', 'first write', 'end'] as const;

/** See {@link MOMENTS}. */
export type Moment = (typeof MOMENTS)[number];

/**
 * What a region does when its worker is killed: a pass in which everything is to be done, its destruction, an order that is
 * given and heeded, and a look at it before its first pass and after.
 */
export const SCENARIOS = ['pass', 'destruction', 'order', 'look'] as const;

/** See {@link SCENARIOS}. */
export type Scenario = (typeof SCENARIOS)[number];

/** Also what a pass asks for lists, since it is carried out as steps are. */
type Step = keyof (Activities & Description);

/** A moment of a step, in a scenario that runs it. */
export interface Kill {
  readonly scenario: Scenario;
  readonly step: Step;
  readonly moment: Moment;
}

/** In which scenarios each step is cut; the compiler sees to it that none is left out. */
const STEPS = {
  describeInstallation: ['pass', 'destruction'],
  listInventory: ['pass'],
  selectHypervisors: ['pass'],
  planChanges: ['pass'],
  planFallback: ['pass'],
  markProbes: ['pass'],
  rebootProbes: ['pass'],
  openSilences: ['pass', 'destruction'],
  prepareCreation: ['pass'],
  createProbes: ['pass'],
  awaitProbes: ['pass'],
  removeHalfMade: ['pass'],
  buildTargets: ['pass', 'destruction'],
  buildPeers: ['pass', 'destruction'],
  uploadPeers: ['pass', 'destruction'],
  publishTargets: ['pass', 'destruction'],
  proveReplacements: ['pass'],
  deleteProbes: ['pass', 'destruction'],
  rememberCreations: ['pass'],
  verifyProbes: ['pass'],
  expireSilences: ['pass', 'destruction'],
  writeReport: ['pass', 'destruction'],
  planDestruction: ['destruction'],
  removeDocuments: ['destruction'],
  placeOrder: ['order'],
  lookAtHypervisor: ['order'],
  preflight: ['look'],
  checkRegion: ['look'],
} as const satisfies Record<Step, readonly [Scenario, ...Scenario[]]>;

/** Every moment of every step, scenario by scenario. */
export const KILLS: readonly Kill[] = SCENARIOS.flatMap((scenario) =>
  (Object.keys(STEPS) as Step[])
    .filter((step) => (STEPS[step] as readonly Scenario[]).includes(scenario))
    .flatMap((step) => MOMENTS.map((moment) => ({ scenario, step, moment }))),
);

/**
 * Steps that only look and wait, in the regions of the kill matrix at least: they send no write for an answer to come. Every
 * other moment must come.
 */
const WRITE_NOTHING: ReadonlySet<Step> = new Set(['prepareCreation', 'awaitProbes', 'lookAtHypervisor']);

/** What sends no request that could be answered: the worker knows it, or asks Temporal. */
const ASK_NOBODY: ReadonlySet<Step> = new Set(['describeInstallation']);

/** Whether a step has this moment. */
export function mustCome({ step, moment }: Kill): boolean {
  if (moment === 'first answer') return !ASK_NOBODY.has(step);
  return moment !== 'first write' || !(ASK_NOBODY.has(step) || WRITE_NOTHING.has(step));
}

/** A worker of one region that is killed once it is armed; whenever it has ended another one takes its place. */
export interface DoomedWorker {
  arm(): Promise<void>;
  /** Lets it live from now on; tells whether its moment came before. */
  disarm(): Promise<boolean>;
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
    disarm: async () => {
      const wasKilled = !existsSync(armed);
      await rm(armed, { force: true });
      return wasKilled;
    },
    retire: () => {
      isRetired = true;
    },
  };
}
