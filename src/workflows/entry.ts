import { executeChild, ParentClosePolicy, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { memoKeys, names, type AlreadyRunning } from './contract.ts';

/** What is done to a region under its lock, and how it is told of. */
export interface Locked<Input> {
  readonly region: string;
  readonly input: Input;
  /** What stands before `started by …` in the list. */
  readonly summary: string;
  /** What somebody reads who knows the Web UI only: first what it does, last what to know of it. */
  readonly does: string;
  readonly notes: readonly string[];
}

/**
 * Runs a child under the one fixed id that the region has, whatever is done to it: the server's id uniqueness is the lock.
 * Whoever comes second finds it taken and says so.
 */
export async function underLock<Input, Report extends { readonly outcome: string }>(
  child: (input: Input) => Promise<Report>,
  { region, input, summary, does, notes }: Locked<Input>,
): Promise<Report | AlreadyRunning> {
  const workflowId = names.passWorkflowId(region);
  const startedBy = whoStarted();
  const pass = `The pass is workflow \`${workflowId}\`, under _Relationships_`;
  setCurrentDetails(`${pass}: its details tell where it is.`);
  try {
    const report = await executeChild(child, {
      workflowId,
      args: [input],
      // A terminated entry cancels the pass, which still undoes what must not stay.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `${summary}, started by ${startedBy}`,
      staticDetails: describeDetails(does, startedBy, notes),
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

function describeDetails(does: string, startedBy: string, notes: readonly string[]): string {
  const { workflowId, runId } = workflowInfo();
  return [
    does,
    '',
    `- started by ${startedBy}, as workflow \`${workflowId.replaceAll('`', ' ')}\`, run \`${runId}\``,
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}
