import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection, Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { rootCause } from '../../src/cli/describeError.ts';
import type { PassReport } from '../../src/domain/pass.ts';
import { names } from '../../src/workflows/contract.ts';
import type { PassProgress } from '../../src/workflows/frame.ts';
import type { TestedRegion } from './region.ts';
import type { Tally } from './tally.ts';

const LOOK_EVERY_MS = 800;
const ASK_EVERY_MS = 1_500;
const CALL_TIMEOUT_MS = 3_000;
/** A pass ends far below this. All attempts of a step may take as long, so that on a busy machine one that doesn't is only told of. */
const SLOW_MS = 300_000;
const PASS_TIMEOUT_MS = 900_000;
/** How much of the history of a pass that doesn't end is told. */
const LAST_EVENTS = 20;

type Word = 'approve' | 'reject';

/** How a pass ended. */
export interface PassEnd {
  /** In Temporal's word, or in the report's where there is one. */
  readonly outcome: string;
  /** Hypervisors that the report says are left alone for a while, since creations failed there again and again. */
  readonly paused: readonly string[];
  /** Hypervisors on which the report says that a step failed. */
  readonly failed: readonly string[];
  /** Hypervisors on whose probe the report says that a check failed. */
  readonly unverified: readonly string[];
  /** What failed and was found, in the report's words. */
  readonly remarks: readonly string[];
}

/** Starts passes and follows them to their end, through outages of the Temporal server. */
export interface Passes {
  /** Runs one pass; gives how it ended. */
  run(region: TestedRegion, how: { readonly interfere: boolean }): Promise<PassEnd>;
  /** Runs another workflow of a region to its end; gives its result. @throws WorkflowFailedError. */
  call<Result>(region: TestedRegion, workflowType: string, input: object): Promise<Result>;
  /** The histories of all passes of a region, as JSON. */
  histories(region: string): Promise<string>;
  close(): Promise<void>;
}

/** Connects to a Temporal server. */
export async function connectPasses(address: string, tally: Tally): Promise<Passes> {
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection });
  const bounded = <T>(call: () => Promise<T>): Promise<T> =>
    connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, call);

  async function run(region: TestedRegion, { interfere }: { readonly interfere: boolean }): Promise<PassEnd> {
    const { chance, name } = region;
    const starts = interfere && chance.happens(0.15) ? 2 : 1;
    const entries = await Promise.all(Array.from({ length: starts }, () => start(region)));
    tally.add('passes', interfere ? 'under faults' : 'without faults');
    if (starts > 1) tally.add('interventions', 'started twice');
    if (interfere && chance.happens(0.2)) {
      const kind = chance.pick(['cancelled', 'entry terminated', 'pass terminated'] as const);
      void interveneLater(kind, entries, region, chance.between(100, 5_000));
      tally.add('interventions', kind);
      region.diary.push(`pass: ${kind}`);
    }
    const word = interfere && chance.happens(0.5) ? 'approve' : 'reject';
    const ends = await Promise.all(entries.map((entry) => awaitEnd(entry, region, word)));
    await awaitEnd(workflow.getHandle(names.passWorkflowId(name)), region, word);
    const end = ends.find(({ outcome }) => outcome !== 'already running') ?? nothing('already running');
    region.diary.push(`pass ended: ${ends.map(({ outcome }) => outcome).join(', ')}`);
    region.diary.push(...end.remarks.map((remark) => `  ${remark}`));
    tally.add(interfere ? 'ends under faults' : 'ends without faults', end.outcome);
    return end;
  }

  async function start({ name: region, taskQueue }: TestedRegion): Promise<WorkflowHandle> {
    const workflowId = `entry-${randomUUID()}`;
    await persist(async () => {
      try {
        await workflow.start(names.reconcileRegion, {
          taskQueue,
          workflowId,
          args: [{ region }],
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    });
    return workflow.getHandle(workflowId);
  }

  async function interveneLater(
    kind: 'cancelled' | 'entry terminated' | 'pass terminated',
    entries: readonly WorkflowHandle[],
    { name }: TestedRegion,
    afterMs: number,
  ): Promise<void> {
    await delay(afterMs);
    const pass = workflow.getHandle(names.passWorkflowId(name));
    try {
      if (kind === 'cancelled') await entries[0]?.cancel();
      else await (kind === 'entry terminated' ? entries[0] : pass)?.terminate('a person did it');
    } catch {
      // It has ended already, or the server is away: then nobody has intervened.
    }
  }

  async function awaitEnd(handle: WorkflowHandle, region: TestedRegion, word: Word): Promise<PassEnd> {
    const slowMs = Date.now() + SLOW_MS;
    const deadlineMs = Date.now() + PASS_TIMEOUT_MS;
    let isSlow = false;
    let askMs = Date.now() + ASK_EVERY_MS;
    for (;;) {
      const status = await persist(async () => {
        try {
          return (await handle.describe()).status.name;
        } catch (error) {
          if (error instanceof Error && error.name === 'WorkflowNotFoundError') return 'NEVER';
          throw error;
        }
      });
      if (status === 'COMPLETED') {
        const {
          outcome,
          failures = [],
          failedChecks = [],
          findings = [],
        } = (await persist(() => handle.result())) as Ended;
        const paused = findings.filter(({ kind }) => kind === 'creationPaused' || kind === 'unplaceable');
        return {
          outcome,
          paused: paused.map(({ hypervisor }) => hypervisor),
          failed: failures.map(({ hypervisor }) => hypervisor),
          unverified: failedChecks.map(({ hypervisor }) => hypervisor),
          remarks: [
            ...failures.map(({ step, hypervisor, message }) => `${step} on ${hypervisor}: ${message}`),
            ...failedChecks.map(({ check, hypervisor, detail }) => `${check} of ${hypervisor}: ${detail}`),
            ...findings.map(({ kind, hypervisor }) => `${kind}: ${hypervisor}`),
          ],
        };
      }
      if (status !== 'RUNNING')
        return { ...nothing(status.toLowerCase()), remarks: await describeFailure(handle) };
      if (Date.now() > deadlineMs)
        throw new Error(`the pass of ${region.name} doesn't end\n${await describeStuck(handle, region)}`);
      if (!isSlow && Date.now() > slowMs) {
        isSlow = true;
        tally.add('slow passes', 'longer than five minutes');
        console.log(`  the pass of ${region.name} is slow\n${await describeStuck(handle, region)}`);
      }
      if (Date.now() > askMs) {
        await decideHeld(region, word);
        askMs = Date.now() + ASK_EVERY_MS;
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  /** Why a pass has no report; nothing where somebody ended it. */
  async function describeFailure(handle: WorkflowHandle): Promise<readonly string[]> {
    try {
      await bounded(() => handle.result());
      return [];
    } catch (error) {
      return error instanceof WorkflowFailedError ? [rootCause(error).message] : [];
    }
  }

  /** Where an entry and its pass stand: what they wait for, and the last events of their histories. */
  async function describeStuck({ workflowId }: WorkflowHandle, { name }: TestedRegion): Promise<string> {
    const ids = new Set([workflowId, names.passWorkflowId(name)]);
    return (await Promise.all([...ids].map(describeWorkflow))).join('\n');
  }

  async function describeWorkflow(workflowId: string): Promise<string> {
    try {
      return await bounded(async () => {
        const handle = workflow.getHandle(workflowId);
        const [{ status, raw }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
        const { pendingActivities, pendingChildren, pendingWorkflowTask } = raw;
        const pending = { pendingActivities, pendingChildren, pendingWorkflowTask };
        const last = events?.slice(-LAST_EVENTS);
        return `${workflowId}: ${status.name} ${JSON.stringify({ pending, last }, readable)}`;
      });
    } catch (error) {
      return `${workflowId}: ${String(error)}`;
    }
  }

  /** What a person says about a plan that the guard holds; an approved one may take the probe of any host. */
  async function decideHeld(region: TestedRegion, word: Word): Promise<void> {
    const pass = workflow.getHandle(names.passWorkflowId(region.name));
    try {
      await bounded(async () => {
        const { step, planHash } = await pass.query<PassProgress>('report');
        if (!step.includes('for approval') || planHash === undefined) return;
        if (word === 'approve') for (const host of region.sim.hosts()) region.touched.add(host);
        await pass.signal(word, { plan: planHash, by: 'the run' });
        tally.add('interventions', word === 'approve' ? 'held plan approved' : 'held plan rejected');
        region.diary.push(`plan held: ${word}`);
      });
    } catch {
      // No worker answers now; it is asked again.
    }
  }

  return {
    run,
    call: async <Result>({ taskQueue }: TestedRegion, workflowType: string, input: object) =>
      (await workflow.execute(workflowType, {
        ...{ taskQueue, workflowId: `${workflowType}-${randomUUID()}`, args: [input] },
        workflowExecutionTimeout: PASS_TIMEOUT_MS,
      })) as Result,
    histories: async (region) => {
      const texts: string[] = [];
      const query = `WorkflowId = '${names.passWorkflowId(region)}'`;
      for await (const { runId } of workflow.list({ query })) {
        const history = await workflow.getHandle(names.passWorkflowId(region), runId).fetchHistory();
        texts.push(JSON.stringify(history.events, readable));
      }
      return texts.join('\n');
    },
    close: () => connection.close(),
  };

  /** Calls again and again while the server is away. */
  async function persist<T>(call: () => Promise<T>): Promise<T> {
    const deadlineMs = Date.now() + PASS_TIMEOUT_MS;
    for (;;) {
      try {
        return await bounded(call);
      } catch (error) {
        if (Date.now() > deadlineMs) throw error;
        await delay(LOOK_EVERY_MS);
      }
    }
  }
}

/** An entry that found another pass has an outcome and no more. */
type Ended = Pick<PassReport, 'outcome'> & Partial<PassReport>;

function nothing(outcome: string): PassEnd {
  return { outcome, paused: [], failed: [], unverified: [], remarks: [] };
}

/** Shows payloads as the text that they hold, where JSON would show their bytes. */
function readable(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key];
  return original instanceof Uint8Array ? Buffer.from(original).toString('utf8') : value;
}
