import { WorkflowFailedError, type Client } from '@temporalio/client';
import type { HypervisorLook } from '../../domain/hypervisorLook.ts';
import type { FrozenPass, PassReport } from '../../domain/pass.ts';
import { names, type HypervisorInput } from '../../workflows/contract.ts';
import { rootCause } from '../describeError.ts';
import { CliError, exitCodes, type ExitCode } from '../errors.ts';
import { runShort } from '../look.ts';
import type { Running } from '../reconcile.ts';

const LOOK_TIMEOUT_MS = 10 * 60_000;

/** How a hypervisor is once a pass has known of the order. */
export interface Settled {
  readonly region: string;
  readonly hypervisor: string;
  /**
   * - `without probe`, `probe back`: as ordered.
   * - `not selected`: there is no order any more, but the hypervisor carries no probe all the same.
   * - `down`: nothing is removed or made there until it is up.
   * - `held`: the guard holds the plan of the pass.
   * - `frozen`: no pass changes anything.
   * - `not yet`: the pass couldn't do it; failures say why.
   */
  readonly outcome: 'without probe' | 'probe back' | 'not selected' | 'down' | 'held' | 'frozen' | 'not yet';
  /** Why it is so, or what keeps it from being as ordered. */
  readonly why: readonly string[];
}

/** What each outcome means to whoever waits for it. */
export const SETTLED_CODES: Readonly<Record<Settled['outcome'], ExitCode>> = {
  'without probe': exitCodes.ok,
  'probe back': exitCodes.ok,
  'not selected': exitCodes.ok,
  down: exitCodes.degraded,
  held: exitCodes.held,
  frozen: exitCodes.frozen,
  'not yet': exitCodes.degraded,
};

/** What is waited for. */
export interface Wanted {
  readonly region: string;
  readonly hypervisor: string;
  /** Whether its probe is to be gone, or back. */
  readonly gone: boolean;
  /** A pass that started before this knows nothing of the order. */
  readonly knownFromMs: number;
  readonly taskQueue: string;
}

/** Runs or joins a pass that knows of the order, and looks how the hypervisor is then. */
export async function settle(client: Client, run: Running, wanted: Wanted): Promise<Settled> {
  const { region, hypervisor, taskQueue } = wanted;
  const report = await passThatKnows(run, wanted);
  const base = { region, hypervisor };
  if (report.outcome === 'frozen') return { ...base, outcome: 'frozen', why: [report.message] };
  const look = await lookAt(client, { region, hypervisor }, taskQueue);
  return { ...base, ...(wanted.gone ? judgeGone(look, report) : judgeBack(look, report)) };
}

async function lookAt(client: Client, input: HypervisorInput, taskQueue: string): Promise<HypervisorLook> {
  const { region, hypervisor } = input;
  try {
    const { result } = await runShort<HypervisorLook, HypervisorInput>(client, {
      command: 'look',
      workflow: names.lookAtHypervisor,
      input,
      taskQueue,
      timeoutMs: LOOK_TIMEOUT_MS,
    });
    return result;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const message = `${region}: the pass has ended, but ${hypervisor} can't be looked at: ${rootCause(error).message}`;
    throw new CliError(message, { hint: 'the order stands; run the command again', cause: error });
  }
}

type Judged = Pick<Settled, 'outcome' | 'why'>;

/** Whether a hypervisor in maintenance has lost its probe. */
export function judgeGone(look: HypervisorLook, report: PassReport): Judged {
  if (look.probes.length === 0 && !look.isPublished) {
    const isRemoved = report.changes.some(
      ({ hypervisor, action }) => hypervisor === look.hypervisor && action === 'delete',
    );
    return { outcome: 'without probe', why: [isRemoved ? 'its probe is gone' : 'it has no probe'] };
  }
  // Somebody may have ended it meanwhile.
  if (look.maintenance === null && look.decision !== 'excluded')
    return { outcome: 'not yet', why: [`it is not in maintenance any more: ${look.reason.text}`] };
  if (!look.up)
    return { outcome: 'down', why: ['it is down: its probe stays until it is up again, and goes then'] };
  return unsettled(look, report);
}

/** Whether a hypervisor that is no longer in maintenance has its probe again. */
export function judgeBack(look: HypervisorLook, report: PassReport): Judged {
  if (look.maintenance !== null)
    return { outcome: 'not yet', why: [`it is in maintenance again: ${look.reason.text}`] };
  if (look.decision === 'excluded') return { outcome: 'not selected', why: [look.reason.text] };
  if (!look.up) return { outcome: 'down', why: ['it is down: no probe is made until it is up again'] };
  if (look.decision !== 'selected')
    return { outcome: 'not yet', why: [`it is not selected: ${look.reason.text}; enable it first`] };
  // The pass has given it time to answer; of a busy Prometheus one look may find less.
  const isVerified = report.outcome === 'converged' || look.failedChecks.length === 0;
  if (look.probes.length > 0 && look.isPublished && isVerified)
    return { outcome: 'probe back', why: [`${look.probes.join(', ')} answers`] };
  return unsettled(look, report);
}

/** What the pass says about the hypervisor; without a word on it, what was found. */
function unsettled(look: HypervisorLook, report: PassReport): Judged {
  const { hypervisor: name, probes, failedChecks } = look;
  if (report.outcome === 'held') {
    const { region, held } = report;
    const how = `to have it done: innervisor reconcile ${region}, and approve its plan`;
    return { outcome: 'held', why: [...held, how] };
  }
  const isAbout = ({ hypervisor }: { readonly hypervisor: string }): boolean => hypervisor === name;
  const why = [
    ...report.failures.filter(isAbout).map(({ step, message }) => `${step} failed: ${message}`),
    ...(report.findings ?? []).filter(isAbout).map(({ kind, message }) => `${kind}: ${message}`),
    ...failedChecks.map(({ check, detail }) => `check ${check} failed: ${detail}`),
  ];
  const found = probes.length === 0 ? 'it has no probe' : `its probe is ${probes.join(', ')}`;
  return { outcome: 'not yet', why: why.length > 0 ? why : [`${found}; the next pass goes on`] };
}

async function passThatKnows(
  run: Running,
  { region, knownFromMs }: Wanted,
): Promise<PassReport | FrozenPass> {
  for (;;) {
    const own = await run.pass(region);
    if (own.outcome !== 'already running') return own;
    const other = await run.join(region);
    if (other !== undefined && other.startedMs > knownFromMs && other.report.outcome !== 'planned')
      return other.report;
  }
}
