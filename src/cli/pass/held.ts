import type { Client } from '@temporalio/client';
import { CliError } from '../errors.ts';
import { renderPlan } from '../render/plan.ts';
import { ask, canAsk, type Answer } from '../terminal/ask.ts';
import { paintFor } from '../terminal/paint.ts';
import { asHeld, sayWord, type Held, type Word } from './approval.ts';
import type { Board } from './board.ts';
import type { Follower } from './wait.ts';
import type { PassView } from './watch.ts';

/** Decides on held plans while their passes are followed. */
export interface Gatekeeper {
  /** Looks whether a plan waits, besides what the follower does. */
  guard(follower: Follower): Follower;
  close(): void;
}

/** How a gatekeeper decides. */
export interface Gate {
  /** Says yes to every plan. */
  readonly approves: boolean;
  /** Called when a person who is asked presses Ctrl-C. */
  readonly detach: () => void;
}

/**
 * Shows each plan that comes to wait, once. `approves` says yes to it; else a person at the terminal is asked; else the
 * plan waits for somebody's word.
 */
export function openGate(client: Client, board: Board, { approves, detach }: Gate): Gatekeeper {
  const shown = new Set<string>();
  const closed = new AbortController();
  const paint = paintFor(process.stderr);
  // One question at a time, in whatever order the plans come.
  let questions = Promise.resolve();

  const say = async (held: Held, word: Word): Promise<void> => {
    try {
      board.say(await sayWord(client, held.region, word, held.planHash));
    } catch (error) {
      // Somebody else was faster, or the plan has become another one, which is shown in its turn.
      if (!(error instanceof CliError)) throw error;
      board.say(error.message);
    }
  };
  const askAbout = async ({ region, planHash }: Held): Promise<Answer> => {
    const resume = board.pause();
    try {
      return await ask(
        `${region}: carry out plan ${planHash}? "yes" approves, "no" rejects, all else waits: `,
        closed.signal,
      );
    } finally {
      resume();
    }
  };
  const decide = async (held: Held): Promise<void> => {
    if (approves) return await say(held, 'approve');
    if (!canAsk()) return board.say(describeWaiting(held));
    const answer = await askAbout(held);
    if (answer.kind === 'interrupted') return detach();
    if (answer.kind === 'withdrawn') return;
    const said = answer.kind === 'said' ? answer.text : undefined;
    if (said === 'yes') await say(held, 'approve');
    else if (said === 'no') await say(held, 'reject');
    else board.say(describeWaiting(held));
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
