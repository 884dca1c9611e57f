import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import type { PassReport } from '../domain/pass.ts';
import { names } from '../workflows/contract.ts';
import { CliError } from './errors.ts';
import { renderPlan } from './renderResult.ts';

/** How `innervisor approve` and `innervisor reject` were called. */
export interface DecideOptions {
  readonly region: string;
  readonly word: 'approve' | 'reject';
  /** The hash of the plan that was looked at; asked for at the terminal where it isn't given. */
  readonly plan?: string | undefined;
  readonly yes: boolean;
  readonly output: 'text' | 'json';
}

/**
 * Shows the plan of a region that the guard holds, and says the person's word on it.
 * @throws CliError where no plan waits, where another one does, or where nobody is there to be asked.
 */
export async function decide(client: Client, options: DecideOptions): Promise<void> {
  const { region, word, output } = options;
  const held = await findHeld(client, region);
  console.error(renderPlan(held));
  const plan = await choosePlan(held, options);
  const by = `${userInfo().username}@${hostname()}`;
  try {
    const pass = client.workflow.getHandle(names.passWorkflowId(region));
    const answer = await pass.executeUpdate<string, [object]>(word, { args: [{ plan, by }] });
    console.log(output === 'json' ? JSON.stringify({ region, plan, word, by, answer }, null, 2) : answer);
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      throw new CliError(`${region}: ${error.cause?.message ?? error.message}`, { cause: error });
    throw error;
  }
}

type Held = PassReport & { readonly planHash: string };

async function findHeld(client: Client, region: string): Promise<Held> {
  const nothing = new CliError(
    `no plan of ${region} waits for approval; innervisor reconcile ${region} --dry-run shows what would be done now`,
  );
  try {
    const pass = client.workflow.getHandle(names.passWorkflowId(region));
    if ((await pass.describe()).status.name !== 'RUNNING') throw nothing;
    const report = await pass.query<Partial<PassReport>>('report');
    if (report.planHash === undefined || report.decision !== undefined) throw nothing;
    return report as Held;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw nothing;
    throw error;
  }
}

async function choosePlan({ planHash, region }: Held, { plan, yes, word }: DecideOptions): Promise<string> {
  // The pass itself compares it with the plan that waits, which may have become another one by now.
  if (plan !== undefined) return plan;
  if (yes) return planHash;
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new CliError(
      `nobody is there to be asked; say which plan: innervisor ${word} ${region} --plan ${planHash}`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const said = await terminal.question(`${word} this plan? Only "yes" is taken: `);
    if (said.trim() !== 'yes') throw new CliError('nothing was said; the plan goes on waiting');
    return planHash;
  } finally {
    terminal.close();
  }
}
