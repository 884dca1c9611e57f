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
  return {
    listInventory: bindStep(deps, listInventory),
    selectHypervisors: bindStep(deps, selectHypervisors),
    planChanges: bindStep(deps, planChanges),
    planFallback: bindStep(deps, planFallback),
    preflight: bindStep(deps, preflight),
    lookAtHypervisor: bindStep(deps, lookAtHypervisor),
    placeOrder: bindStep(deps, placeOrder),
    markProbes: bindStep(deps, markProbes),
    rebootProbes: bindStep(deps, rebootProbes),
    openSilences: bindStep(deps, openSilences),
    prepareCreation: bindStep(deps, prepareCreation),
    createProbes: bindStep(deps, createProbes),
    awaitProbes: bindStep(deps, awaitProbes),
    rememberCreations: bindStep(deps, rememberCreations),
    removeHalfMade: bindStep(deps, removeHalfMade),
    buildTargets: bindStep(deps, buildTargets),
    buildPeers: bindStep(deps, buildPeers),
    uploadPeers: bindStep(deps, uploadPeers),
    publishTargets: bindStep(deps, publishTargets),
    proveReplacements: bindStep(deps, proveReplacements),
    deleteProbes: bindStep(deps, deleteProbes),
    verifyProbes: bindStep(deps, verifyProbes),
    checkRegion: bindStep(deps, checkRegion),
    planDestruction: bindStep(deps, planDestruction),
    removeDocuments: bindStep(deps, removeDocuments),
    expireSilences: bindStep(deps, expireSilences),
    writeReport: bindStep(deps, writeReport),
  };
}

/** What workflows see of the steps. */
export type Activities = ReturnType<typeof createActivities>;
