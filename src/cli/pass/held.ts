import type { Client } from '@temporalio/client';
import { CliError } from '../errors.ts';
import { renderPlan } from '../render/plan.ts';
import { ask, canAsk } from '../terminal/ask.ts';
import { paintFor } from '../terminal/paint.ts';
import { asHeld, sayWord, type Held } from './approval.ts';
import type { Board } from './board.ts';
import type { Follower } from './wait.ts';
import type { PassView } from './watch.ts';

/** Decides on held plans while their passes are followed. */
export interface Gatekeeper {
  /** Looks whether a plan waits, besides what the follower does. */
  guard(follower: Follower): Follower;
  close(): void;
}

/**
 * Shows each plan that comes to wait, once. `approves` says yes to it; else a person at the terminal is asked; else the
 * plan waits for somebody's word.
 */
export function openGate(client: Client, board: Board, approves: boolean): Gatekeeper {
  const shown = new Set<string>();
  const closed = new AbortController();
  const paint = paintFor(process.stderr);
  // One question at a time, in whatever order the plans come.
  let questions = Promise.resolve();

  const say = async (held: Held, word: 'approve' | 'reject'): Promise<void> => {
    try {
      board.say(await sayWord(client, held.region, word, held.planHash));
    } catch (error) {
      // Somebody else was faster, or the plan has become another one, which is shown in its turn.
      if (!(error instanceof CliError)) throw error;
      board.say(error.message);
    }
  };
  const decide = async (held: Held): Promise<void> => {
    if (approves) return await say(held, 'approve');
    if (!canAsk()) return board.say(describeWaiting(held));
    const resume = board.pause();
    const answer = await ask(
      `${held.region}: carry out plan ${held.planHash}? "yes" approves, "no" rejects, all else waits: `,
      closed.signal,
    );
    resume();
    if (answer === 'yes') await say(held, 'approve');
    else if (answer === 'no') await say(held, 'reject');
    else if (answer !== undefined) board.say(describeWaiting(held));
  };
  const look = ({ progress }: PassView): void => {
    const held = asHeld(progress);
    if (held === undefined || shown.has(`${held.region} ${held.planHash}`)) return;
    shown.add(`${held.region} ${held.planHash}`);
    board.say(renderPlan(held, paint));
    questions = questions
      .then(() => decide(held))
      .catch((error: unknown) => {
        board.say(error instanceof Error ? error.message : String(error));
      });
  };
  return {
    guard: (follower) => ({
      ...follower,
      shows(view) {
        follower.shows(view);
        look(view);
      },
    }),
    close: () => closed.abort(),
  };
}

function describeWaiting({ region, planHash }: Held): string {
  return `it waits: innervisor approve ${region} --plan ${planHash}, or reject`;
}
