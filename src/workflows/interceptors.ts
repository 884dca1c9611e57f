import type { WorkflowInterceptors } from '@temporalio/workflow';

/** The one id of a query that comes as a task of its own, as `LEGACY_QUERY_ID` in Temporal's SDK core. */
const OWN_TASK_QUERY = 'legacy_query';

/**
 * Answers a query with nothing but the answer. Where a replay for a query breaks off, because it took too long or its code
 * threw, the SDK still asks what is left of the workflow, and the commands of the replay go along with the answer. Its core
 * ends the whole worker for that ("legacy query response along with other commands").
 */
export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      concludeActivation: (input, next) => {
        const { commands } = next(input);
        const answer = commands.filter(({ respondToQuery }) => respondToQuery?.queryId === OWN_TASK_QUERY);
        return { commands: answer.length > 0 ? answer : commands };
      },
    },
  ],
});
