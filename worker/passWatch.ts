import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { FrozenPass, PassReport } from '../src/domain/pass.ts';
import type { PassEnd, RegionFacts } from '../src/telemetry/metrics.ts';
import { names } from '../src/workflows/contract.ts';
import { computeFacts, isGood, type EndedPass, type RunningPass } from './passFacts.ts';

/** Passes of a region that are looked through at start for the last good one. */
const LOOK_BACK_MAX = 200;
/** Passes of a region that can end between two looks and still be counted. */
const NEWEST_MAX = 20;
const KNOWN_MAX = 2 * LOOK_BACK_MAX;

/** Reads what Temporal remembers of one region's passes, so that each worker says the same of those that others ran. */
export interface PassWatch {
  /** Looks again, and tells of each pass that ended since the first look. */
  look(): Promise<RegionFacts>;
}

/** Watches one region; nothing is asked yet. */
export function createPassWatch(
  client: Client,
  region: string,
  ended: (region: string, end: PassEnd) => void,
): PassWatch {
  /** Newest first; those that say nothing new of their outcome are dropped in time. */
  let known: readonly EndedPass[] = [];
  let isFirst = true;
  return {
    async look() {
      const readMs = Date.now();
      const seen = new Map(known.map((pass) => [pass.runId, pass]));
      const fresh: EndedPass[] = [];
      let running: Partial<RunningPass> | null = null;
      let looked = 0;
      for await (const info of client.workflow.list({ query: queryFor(region), pageSize: NEWEST_MAX })) {
        looked += 1;
        if (info.status.name === 'RUNNING') running = await askRunning(client, info);
        else if (!seen.has(info.runId)) fresh.push(await readEnded(client, info));
        const isEnough = isFirst ? fresh.some(isGood) && looked >= NEWEST_MAX : looked >= NEWEST_MAX;
        if (isEnough || looked >= LOOK_BACK_MAX) break;
      }
      if (!isFirst) for (const { end } of fresh) ended(region, end);
      isFirst = false;
      known = prune([...fresh, ...known].toSorted((a, b) => b.endedMs - a.endedMs));
      return computeFacts(region, readMs, known, running);
    },
  };
}

function queryFor(region: string): string {
  return `WorkflowId = '${names.passWorkflowId(region)}' AND WorkflowType = '${names.reconcileRegionPass}'`;
}

/** Keeps the newest ones, and what only an older one can say. */
function prune(passes: readonly EndedPass[]): readonly EndedPass[] {
  const ends = new Set<PassEnd>();
  return passes.filter(({ end }, index) => {
    const isFirstOfItsEnd = !ends.has(end);
    ends.add(end);
    return index < KNOWN_MAX || isFirstOfItsEnd;
  });
}

async function askRunning(
  client: Client,
  { workflowId, runId }: WorkflowExecutionInfo,
): Promise<Partial<RunningPass>> {
  try {
    return await client.workflow.getHandle(workflowId, runId).query<RunningPass>('report');
  } catch {
    // It has just begun or ended, or no worker is free to answer: then the passes before it say what is known.
    return {};
  }
}

async function readEnded(client: Client, info: WorkflowExecutionInfo): Promise<EndedPass> {
  const { workflowId, runId, closeTime } = info;
  const base = { runId, endedMs: closeTime?.getTime() ?? 0 };
  const none = { probes: undefined, expected: undefined };
  if (info.status.name !== 'COMPLETED') return { ...base, ...none, end: endOf(info) };
  const report = (await client.workflow.getHandle(workflowId, runId).result()) as PassReport | FrozenPass;
  if (report.outcome === 'frozen')
    return { ...base, ...none, end: 'frozen', frozenUntil: report.frozen.until };
  const { outcome, probes, artifacts } = report;
  return { ...base, end: outcome, probes, expected: artifacts.expected };
}

function endOf({ status }: WorkflowExecutionInfo): PassEnd {
  switch (status.name) {
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    case 'TIMED_OUT':
      return 'timedOut';
    default:
      return 'failed';
  }
}
