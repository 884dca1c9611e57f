import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readPassHistory, type PassHistory, type Stack } from '../stack/index.ts';
import { REGION } from './config.ts';

/** The part of the command's `--output json` that the demo shows. */
const Report = z.object({
  pass: z.string(),
  outcome: z.string(),
  hypervisors: z.number(),
  selected: z.number(),
  deferred: z.number(),
  created: z.number(),
  replaced: z.number(),
  deleted: z.number(),
  kept: z.number(),
  verified: z.number(),
  changes: z.array(z.object({ hypervisor: z.string(), action: z.string(), reason: z.string() })),
  held: z.array(z.string()),
  failures: z.array(z.object({ hypervisor: z.string(), step: z.string(), message: z.string() })),
  failedChecks: z.array(z.object({ hypervisor: z.string(), check: z.string(), detail: z.string() })),
});

/** One pass as a person and the JSON of `--once` see it. */
export interface PassSummary extends Omit<
  z.output<typeof Report>,
  'pass' | 'changes' | 'held' | 'failures' | 'failedChecks'
> {
  /** Hypervisors that failed and checks that failed. */
  readonly failed: number;
  /** Requests that the cloud counted, ours alone. */
  readonly apiCalls: number;
  /** Those among them that change something. */
  readonly writes: number;
  readonly historyEvents: number;
  /** The most memory that the worker has used so far, in MiB. */
  readonly workerRssMb: number;
  readonly steps: PassHistory['steps'];
  /** A line for every change and everything that failed. */
  readonly lines: readonly string[];
}

/** What a pass needs to know of the cloud: how often it was asked. */
export interface CountedCloud {
  /** Starts a count; the result gives the requests since then. */
  countRequests(): () => Promise<{ readonly calls: number; readonly writes: number }>;
}

/** How a pass is followed. */
export interface PassOptions {
  readonly signal: AbortSignal;
  /** Takes the command's progress as it comes. */
  readonly onProgress: (text: string) => void;
}

/**
 * Runs one pass by the command, as a user would, and gathers what it did and what it cost.
 *
 * @throws Error with the command's own words when there is no report.
 */
export async function runPass(
  stack: Stack,
  cloud: CountedCloud,
  { signal, onProgress }: PassOptions,
): Promise<PassSummary> {
  const counted = cloud.countRequests();
  const abandoned = new AbortController();
  const { stdout, stderr } = await Promise.race([
    stack.innervisor(['reconcile', REGION, '--output', 'json'], {
      signal: AbortSignal.any([signal, abandoned.signal]),
      onStderr: onProgress,
    }),
    endOf(stack.worker),
  ]).finally(() => abandoned.abort());
  const parsed = Report.safeParse(stdout === '' ? undefined : JSON.parse(stdout));
  if (!parsed.success) throw new Error(stderr.trim().split('\n').at(-1) || stdout.trim());
  const { pass, changes, held, failures, failedChecks, ...report } = parsed.data;
  const { calls, writes } = await counted();
  const history = await readPassHistory(stack.temporal.address, REGION, pass);
  return {
    ...report,
    failed: failures.length + failedChecks.length,
    apiCalls: calls,
    writes,
    historyEvents: history.events,
    workerRssMb: await peakRssMb(stack.worker.pid),
    steps: history.steps,
    lines: [
      ...held.map((why) => `held: ${why}`),
      ...changes.map(({ action, hypervisor, reason }) => `${action.padEnd(7)} ${hypervisor}: ${reason}`),
      ...failures.map(({ step, hypervisor, message }) => `FAILED ${step} ${hypervisor}: ${message}`),
      ...failedChecks.map(
        ({ check, hypervisor, detail }) => `FAILED check ${check} ${hypervisor}: ${detail}`,
      ),
    ],
  };
}

/** A pass without a worker would wait for one for ever. */
async function endOf(worker: Stack['worker']): Promise<never> {
  await worker.exited;
  throw new Error(`the worker has ended; its last words: ${worker.lastOutput()}`);
}

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function peakRssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
}
