import {
  ApplicationFailure,
  executeChild,
  ParentClosePolicy,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { memoKeys, names, REGION_NAME, type ReconcileInput, type ReconcileResult } from './contract.ts';
import { reconcileRegionPass } from './reconcileRegionPass.ts';

/**
 * One pass over one region, under whatever id it is started. A schedule gives no mutual exclusion, so the
 * pass is a child with one fixed id per region: whoever comes second finds it taken and says so.
 */
export async function reconcileRegion(input: ReconcileInput): Promise<ReconcileResult> {
  const { region, dryRun } = parseInput(input);
  const workflowId = names.passWorkflowId(region);
  const startedBy = whoStarted();
  const pass = `The pass is workflow \`${workflowId}\`, under _Relationships_`;
  setCurrentDetails(`${pass}: its details tell where it is.`);
  try {
    const report = await executeChild(reconcileRegionPass, {
      workflowId,
      args: [{ region, dryRun }],
      // A terminated entry cancels the pass, which still undoes what must not stay.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `${dryRun ? 'dry run' : 'one pass'} over ${region}, started by ${startedBy}`,
      staticDetails: describeDetails(region, dryRun, startedBy),
      memo: { [memoKeys.region]: region, [memoKeys.startedBy]: startedBy },
    });
    setCurrentDetails(`${pass}. It ended **${report.outcome}**.`);
    return report;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const message = `a pass over ${region} is already running: see workflow ${workflowId}`;
    setCurrentDetails(message);
    return { region, outcome: 'already running', workflowId, message };
  }
}

const SCHEDULED_BY = defineSearchAttributeKey('TemporalScheduledById', SearchAttributeType.KEYWORD);
/** The server takes at most 400 bytes as a summary, and this is only a part of one. */
const STARTED_BY_LENGTH_MAX = 100;

/** Who or what started the entry, as far as it says so; Temporal's own tools leave only its id. */
function whoStarted(): string {
  const { memo = {}, typedSearchAttributes, workflowId } = workflowInfo();
  const said = memo[memoKeys.startedBy];
  const schedule = typedSearchAttributes.get(SCHEDULED_BY);
  const by = schedule === undefined ? (typeof said === 'string' ? said : workflowId) : `schedule ${schedule}`;
  return by.replaceAll(/[^\x20-\x7e]|[|`<>[\]\\]/g, '?').slice(0, STARTED_BY_LENGTH_MAX);
}

/** What somebody reads who knows the Web UI only. */
function describeDetails(region: string, dryRun: boolean, startedBy: string): string {
  const { workflowId, runId } = workflowInfo();
  return [
    dryRun
      ? `Shows what a pass over **${region}** would do, and changes nothing.`
      : `Makes region **${region}** as planned: a probe on each selected hypervisor, known to Prometheus and its peers.`,
    '',
    `- started by ${startedBy}, as workflow \`${workflowId.replaceAll('`', ' ')}\`, run \`${runId}\``,
    '- where it is, what it decided and why, and what waits for approval: _Current Details_, or the query `report`',
    '- to stop it, cancel it: it ends what it has begun. Terminated, it leaves its silences to end by themselves',
  ].join('\n');
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
