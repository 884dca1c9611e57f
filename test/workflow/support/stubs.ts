import { Context } from '@temporalio/activity';
import type { Activities } from '../../../src/activities/index.ts';
import type { ArtifactRef } from '../../../src/domain/pass.ts';
import type { PlanCounts } from '../../../src/domain/plan.ts';

/** One activity call as a worker received it. */
export interface Call {
  readonly name: keyof Activities;
  readonly input: unknown;
}

/** A reference that no store has to hold: the stubs read nothing. */
export function artifact(name: string): ArtifactRef {
  return { key: `innervisor/${name}.json`, sha256: name, bytes: 2 };
}

/** The counts of a plan that keeps everything, but for what is given. */
export function planCounts(counts: Partial<PlanCounts> = {}): PlanCounts {
  return { create: 0, replace: 0, delete: 0, keep: 0, defer: 0, none: 0, marks: 0, ...counts };
}

/** The `planChanges` whose plan has these counts, and which the guard holds for these reasons. */
export function planning(
  counts: Partial<PlanCounts>,
  held: readonly string[] = [],
): Pick<Activities, 'planChanges'> {
  return {
    planChanges: () =>
      Promise.resolve({ plan: artifact('plan'), counts: planCounts(counts), changes: [], held }),
  };
}

/** Heartbeats until the server cancels the activity, as a step does that waits for the world. */
export async function waitForCancellation(): Promise<never> {
  const context = Context.current();
  const beat = setInterval(() => {
    context.heartbeat();
  }, 50);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(beat);
  }
}

/** Steps that all succeed on a plan with nothing to do, but for those given; every call is written down. */
export function stubActivities(overrides: Partial<Activities>): {
  readonly activities: Activities;
  readonly calls: readonly Call[];
} {
  const calls: Call[] = [];
  const record =
    <Input, Result>(name: keyof Activities, step: (input: Input) => Promise<Result>) =>
    (input: Input): Promise<Result> => {
      calls.push({ name, input });
      return step(input);
    };
  const all = { ...succeeding(), ...overrides };
  const activities: Activities = {
    listInventory: record('listInventory', all.listInventory),
    selectHypervisors: record('selectHypervisors', all.selectHypervisors),
    planChanges: record('planChanges', all.planChanges),
    planFallback: record('planFallback', all.planFallback),
    preflight: record('preflight', all.preflight),
    lookAtHypervisor: record('lookAtHypervisor', all.lookAtHypervisor),
    placeOrder: record('placeOrder', all.placeOrder),
    markProbes: record('markProbes', all.markProbes),
    rebootProbes: record('rebootProbes', all.rebootProbes),
    openSilences: record('openSilences', all.openSilences),
    prepareCreation: record('prepareCreation', all.prepareCreation),
    createProbes: record('createProbes', all.createProbes),
    awaitProbes: record('awaitProbes', all.awaitProbes),
    rememberCreations: record('rememberCreations', all.rememberCreations),
    removeHalfMade: record('removeHalfMade', all.removeHalfMade),
    buildTargets: record('buildTargets', all.buildTargets),
    buildPeers: record('buildPeers', all.buildPeers),
    uploadPeers: record('uploadPeers', all.uploadPeers),
    publishTargets: record('publishTargets', all.publishTargets),
    proveReplacements: record('proveReplacements', all.proveReplacements),
    deleteProbes: record('deleteProbes', all.deleteProbes),
    verifyProbes: record('verifyProbes', all.verifyProbes),
    checkRegion: record('checkRegion', all.checkRegion),
    planDestruction: record('planDestruction', all.planDestruction),
    removeDocuments: record('removeDocuments', all.removeDocuments),
    expireSilences: record('expireSilences', all.expireSilences),
    writeReport: record('writeReport', all.writeReport),
  };
  return { activities, calls };
}

function succeeding(): Activities {
  const wait = {
    buildMs: 30_000,
    deleteMs: 30_000,
    targetsMs: 30_000,
    verifyMs: 30_000,
    verifyPollMs: 1_000,
    pollMs: 100,
  };
  const counts = { selected: 3, deferred: 0, retained: 0, retiring: 0, excluded: 0 };
  const spec = { imageId: 'image', flavorId: 'flavor', networkIds: ['network'], revision: '0123456789ab' };
  const uploaded = { generation: 7, etag: '"e"', written: true, publishedMs: 0 };
  return {
    listInventory: () =>
      Promise.resolve({
        inventory: artifact('inventory'),
        hypervisors: 3,
        probes: 3,
        unlisted: 0,
        wait,
        memory: 'kept',
      }),
    selectHypervisors: () => Promise.resolve({ selection: artifact('selection'), counts }),
    ...planning({ keep: 3 }),
    planFallback: () => Promise.resolve({ plan: artifact('fallback'), probeIds: ['0000000a'] }),
    preflight: () => Promise.resolve({ region: 'lab', outcome: 'ready', checks: [] }),
    lookAtHypervisor: () =>
      Promise.resolve({
        region: 'lab',
        hypervisor: 'cmp003.lab.example',
        up: true,
        maintenance: null,
        decision: 'selected',
        reason: { code: 'asPlanned', text: 'enabled and up' },
        probes: ['probe-cmp003-0000000a'],
        isPublished: true,
        failedChecks: [],
      }),
    placeOrder: () =>
      Promise.resolve({ region: 'lab', changed: true, frozen: null, inMaintenance: 0, maintenance: [] }),
    markProbes: () => Promise.resolve({ marked: 1, failures: [] }),
    rebootProbes: () => Promise.resolve({ rebooted: 1, failures: [] }),
    openSilences: () => Promise.resolve({ silenceIds: ['silence'], probes: 1 }),
    prepareCreation: () => Promise.resolve(spec),
    createProbes: () => Promise.resolve({ names: [], failures: [] }),
    awaitProbes: () => Promise.resolve({ standing: 1, created: 1, failures: [], failed: 0 }),
    rememberCreations: () => Promise.resolve({ written: true, failing: 1 }),
    removeHalfMade: () => Promise.resolve({ removed: 0, failures: [] }),
    buildTargets: () => Promise.resolve({ document: artifact('targets'), probes: 3 }),
    buildPeers: () => Promise.resolve({ document: artifact('peers'), probes: 3 }),
    uploadPeers: () => Promise.resolve(uploaded),
    publishTargets: () => Promise.resolve({ written: true, targets: 3 }),
    proveReplacements: () => Promise.resolve({ proof: artifact('proof'), proven: 1, failures: [] }),
    deleteProbes: () => Promise.resolve({ deleted: 1, replaced: 0, failures: [] }),
    verifyProbes: () =>
      Promise.resolve({
        verified: 3,
        failed: 0,
        pending: 0,
        failedChecks: [],
        boots: null,
        slowestBoots: [],
      }),
    checkRegion: () =>
      Promise.resolve({
        verified: 3,
        failed: 0,
        pending: 0,
        failedChecks: [],
        generation: 7,
        differences: [],
      }),
    planDestruction: () =>
      Promise.resolve({
        inventory: artifact('inventory'),
        plan: artifact('plan'),
        counts: planCounts({ delete: 3 }),
        changes: [],
        left: [],
        documents: ['targets.json', 'peers.json'],
        silences: 0,
        kept: { prefix: 'passes/lab/', keepDays: 30 },
        wait,
        silenceMs: 60_000,
      }),
    removeDocuments: () => Promise.resolve({ left: [] }),
    expireSilences: () => Promise.resolve({ changed: 1, left: 0 }),
    writeReport: () => Promise.resolve({ report: artifact('report'), pruned: 0 }),
  };
}
