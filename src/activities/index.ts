import { awaitProbes } from './awaitProbes.ts';
import { buildPeers, buildTargets } from './buildDocuments.ts';
import { checkRegion } from './checkRegion.ts';
import { createProbes, prepareCreation } from './createProbes.ts';
import { deleteProbes } from './deleteProbes.ts';
import type { ActivityDeps } from './deps.ts';
import { expireSilences } from './expireSilences.ts';
import { listInventory } from './listInventory.ts';
import { lookAtHypervisor } from './lookAtHypervisor.ts';
import { markProbes } from './markProbes.ts';
import { openSilences } from './openSilences.ts';
import { placeOrder } from './placeOrder.ts';
import { planChanges } from './planChanges.ts';
import { planDestruction } from './planDestruction.ts';
import { planFallback } from './planFallback.ts';
import { preflight } from './preflight.ts';
import { proveReplacements } from './proveReplacements.ts';
import { publishTargets } from './publishTargets.ts';
import { Pulse } from './pulse.ts';
import { rebootProbes } from './rebootProbes.ts';
import { rememberCreations } from './rememberCreations.ts';
import { removeDocuments } from './removeDocuments.ts';
import { removeHalfMade } from './removeHalfMade.ts';
import { selectHypervisors } from './selectHypervisors.ts';
import { bindStep } from './step.ts';
import { uploadPeers } from './uploadPeers.ts';
import { verifyProbes } from './verifyProbes.ts';
import { writeReport } from './writeReport.ts';

/** The steps of the pass, bound to their dependencies: what a Temporal worker registers. */
export function createActivities(deps: ActivityDeps) {
  const moving = { ...deps, pulse: new Pulse() };
  return {
    listInventory: bindStep(moving, listInventory),
    selectHypervisors: bindStep(moving, selectHypervisors),
    planChanges: bindStep(moving, planChanges),
    planFallback: bindStep(moving, planFallback),
    preflight: bindStep(moving, preflight),
    lookAtHypervisor: bindStep(moving, lookAtHypervisor),
    placeOrder: bindStep(moving, placeOrder),
    markProbes: bindStep(moving, markProbes),
    rebootProbes: bindStep(moving, rebootProbes),
    openSilences: bindStep(moving, openSilences),
    prepareCreation: bindStep(moving, prepareCreation),
    createProbes: bindStep(moving, createProbes),
    awaitProbes: bindStep(moving, awaitProbes),
    rememberCreations: bindStep(moving, rememberCreations),
    removeHalfMade: bindStep(moving, removeHalfMade),
    buildTargets: bindStep(moving, buildTargets),
    buildPeers: bindStep(moving, buildPeers),
    uploadPeers: bindStep(moving, uploadPeers),
    publishTargets: bindStep(moving, publishTargets),
    proveReplacements: bindStep(moving, proveReplacements),
    deleteProbes: bindStep(moving, deleteProbes),
    verifyProbes: bindStep(moving, verifyProbes),
    checkRegion: bindStep(moving, checkRegion),
    planDestruction: bindStep(moving, planDestruction),
    removeDocuments: bindStep(moving, removeDocuments),
    expireSilences: bindStep(moving, expireSilences),
    writeReport: bindStep(moving, writeReport),
  };
}

/** What workflows see of the steps. */
export type Activities = ReturnType<typeof createActivities>;
