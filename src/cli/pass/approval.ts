import { hostname, userInfo } from 'node:os';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { readEnvironment } from '../../config/environment.ts';
import type { PassReport } from '../../domain/pass.ts';
import { names } from '../../workflows/contract.ts';
import { CliError } from '../errors.ts';
import type { Progress } from './watch.ts';

/** A person's word on a held plan. */
export type Word = 'approve' | 'reject';

/** A report whose plan waits for approval. */
export type Held = PassReport & { readonly planHash: string };

/** Who uses the command, as the pass and the schedules are told. */
export function whoAmI(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // In a container the uid may be in no passwd file.
    const { USER, LOGNAME } = readEnvironment();
    return USER ?? LOGNAME ?? `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** The report, if the plan in it waits for approval now. */
export function asHeld(progress: Progress | undefined): Held | undefined {
  const isWaiting = progress?.planHash !== undefined && progress.awaitsApproval === progress.planHash;
  return isWaiting ? (progress as unknown as Held) : undefined;
}

/**
 * Says a word on the plan of that hash to the region's pass, and gives the answer.
 * @throws CliError where no such plan waits.
 */
export async function sayWord(client: Client, region: string, word: Word, plan: string): Promise<string> {
  try {
    const pass = client.workflow.getHandle(names.passWorkflowId(region));
    return await pass.executeUpdate<string, [object]>(word, { args: [{ plan, by: whoAmI() }] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      throw new CliError(`${region}: ${error.cause?.message ?? error.message}`, {
        hint: `innervisor status ${region} shows whether a plan waits, and which`,
        cause: error,
      });
    if (error instanceof WorkflowNotFoundError) throw nothingHeld(region);
    throw error;
  }
}

/** What to say where no plan waits. */
export function nothingHeld(region: string): CliError {
  return new CliError(`no plan of ${region} waits for approval`, {
    hint: `innervisor plan ${region} shows what would be done now`,
  });
}
