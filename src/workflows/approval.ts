import {
  ApplicationFailure,
  condition,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
} from '@temporalio/workflow';
import type { Decision } from '../domain/approval.ts';
import { readableName } from './person.ts';

type Verdict = Exclude<Decision['kind'], 'expired'>;

const VERDICTS = { approve: 'approved', reject: 'rejected' } as const satisfies Record<string, Verdict>;
const WORDS = Object.keys(VERDICTS) as (keyof typeof VERDICTS)[];
const HASH = /^[0-9a-f]{12}$/;

/** Where people's word on held plans arrives. */
export interface Approvals {
  /** Waits until somebody approves or rejects this very plan, or the time is over. */
  decide(plan: string, timeoutMs: number): Promise<Decision>;
}

/**
 * Listens for `approve` and `reject`, each as an update, which answers, and as a signal, which every tool can send.
 * Their argument is `{"plan":"…","by":"…"}` or the plan's hash alone. What is said of another plan, or of none,
 * decides nothing: an update is refused with the reason, a signal is only logged.
 */
export function listenForApprovals(): Approvals {
  let awaited: string | undefined;
  let decision: Decision | undefined;

  function check(word: string, input: unknown): Pick<Decision, 'plan' | 'by'> {
    const said = parse(word, input);
    if (awaited === undefined || decision !== undefined) throw refuse('no plan waits for approval');
    if (said.plan !== awaited)
      throw refuse(`the plan that waits for approval is ${awaited}, not ${said.plan}; look at it first`);
    return said;
  }

  for (const word of WORDS) {
    const take = (input: unknown): string => {
      const { plan, by } = check(word, input);
      decision = { kind: VERDICTS[word], plan, by };
      return `plan ${plan} is ${VERDICTS[word]}`;
    };
    setHandler(defineUpdate<string, [unknown]>(word), take, {
      validator: (input) => void check(word, input),
      description: `${word} the plan that waits: {"plan":"its hash","by":"your name"}`,
    });
    setHandler(
      defineSignal<[unknown]>(word),
      (input) => {
        try {
          take(input);
        } catch (error) {
          if (!(error instanceof ApplicationFailure)) throw error;
          log.warn(`signal ${word} decides nothing: ${error.message}`);
        }
      },
      { description: `${word} the plan that waits: its hash, or {"plan":"its hash","by":"your name"}` },
    );
  }

  return {
    async decide(plan, timeoutMs) {
      [awaited, decision] = [plan, undefined];
      await condition(() => decision !== undefined, timeoutMs, {
        summary: `plan ${plan} waits for approval: see User Metadata; it is given up when this fires`,
      });
      awaited = undefined;
      return decision ?? { kind: 'expired', plan, by: null };
    },
  };
}

/** People type it, so what is wrong with it is said. */
function parse(word: string, input: unknown): Pick<Decision, 'plan' | 'by'> {
  const { plan, by = null } = (typeof input === 'string' ? { plan: input } : (input ?? {})) as Record<
    string,
    unknown
  >;
  if (typeof plan !== 'string' || !HASH.test(plan) || (by !== null && typeof by !== 'string'))
    throw refuse(`${word} wants the hash of the plan: {"plan":"0123456789ab","by":"your name"}`);
  return { plan, by: by === null ? null : readableName(by) };
}

function refuse(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: 'refused', message, nonRetryable: true });
}
