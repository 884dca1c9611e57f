import { ApplicationFailure, executeChild, ParentClosePolicy, setCurrentDetails } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { names, type ReconcileInput, type ReconcileResult } from './contract.ts';
import { reconcileRegionPass } from './reconcileRegionPass.ts';

const REGION_NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

/**
 * One pass over one region, under whatever id it is started. A schedule gives no mutual exclusion, so the
 * pass is a child with one fixed id per region: whoever comes second finds it taken and says so.
 */
export async function reconcileRegion(input: ReconcileInput): Promise<ReconcileResult> {
  const { region, dryRun } = parseInput(input);
  const workflowId = names.passWorkflowId(region);
  try {
    return await executeChild(reconcileRegionPass, {
      workflowId,
      args: [{ region, dryRun }],
      // A terminated entry cancels the pass, which still undoes what must not stay.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `one pass over ${region}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const message = `a pass over ${region} is already running: see workflow ${workflowId}`;
    setCurrentDetails(message);
    return { region, outcome: 'already running', workflowId, message };
  }
}

/** People type this input, so what is wrong with it is said instead of failing somewhere later. */
function parseInput(input: unknown): { readonly region: string; readonly dryRun: boolean } {
  const {
    region,
    dryRun = false,
    ...unknown
  } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  const problems = [
    ...(typeof region === 'string' && REGION_NAME.test(region)
      ? []
      : ['region must be the name of a region of innervisor.yaml']),
    ...(typeof dryRun === 'boolean' ? [] : ['dryRun must be true or false']),
    ...Object.keys(unknown).map((key) => `${JSON.stringify(key)} is not known`),
  ];
  if (problems.length > 0 || typeof region !== 'string' || typeof dryRun !== 'boolean') {
    const message = `input refused: ${problems.join('; ')}; it looks like {"region":"luxembourg","dryRun":true}`;
    throw ApplicationFailure.create({ type: 'invalidConfig', message, nonRetryable: true });
  }
  return { region, dryRun };
}
