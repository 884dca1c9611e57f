import {
  ApplicationFailure,
  condition,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
} from '@temporalio/workflow';
import { readableName } from './person.ts';

/** A pass that nobody resumes keeps all others from its region, so it is given up in the end. */
const PAUSE_MS_MAX = 4 * 3_600_000;

/** What is shown and labelled while a pass is paused. */
export interface PauseWatcher {
  /** Called when the pass stands still before a step. */
  readonly stands: (by: string, step: string) => Promise<void>;
  /** Called when it goes on. */
  readonly goesOn: () => Promise<void>;
}

/** Where a pass may be made to stand still. */
export interface Pauses {
  /** Waits before a step for as long as the pass is paused. */
  stand(step: string, watcher: PauseWatcher): Promise<void>;
}

/**
 * Listens for `pause` and `resume`, each as an update, which answers, and as a signal, which every tool can send. Their
 * argument is `{"by":"…"}`, a name, or nothing. The step that is under way ends first; no histories but those of passes
 * that were paused hold anything of it.
 */
export function listenForPauses(): Pauses {
  let pausedBy: string | undefined;

  const words = {
    pause: (by: string): string => {
      pausedBy = by;
      return 'the pass stands still before its next change';
    },
    resume: (): string => {
      if (pausedBy === undefined) return 'the pass was not paused';
      pausedBy = undefined;
      return 'the pass goes on';
    },
  };
  for (const [word, take] of Object.entries(words)) {
    const description = `${word} the pass: {"by":"your name"}, or nothing`;
    setHandler(defineUpdate<string, [unknown?]>(word), (said) => take(nameIn(said)), { description });
    setHandler(
      defineSignal<[unknown?]>(word),
      (said) => {
        const by = nameIn(said);
        log.info(`${word} by ${by}: ${take(by)}`);
      },
      { description },
    );
  }

  return {
    async stand(step, { stands, goesOn }) {
      // It may be paused once more while it tells that it goes on.
      while (pausedBy !== undefined) {
        const by: string = pausedBy;
        await stands(by, step);
        const isResumed = await condition(() => pausedBy === undefined, PAUSE_MS_MAX, {
          summary: `paused by ${toAscii(by)}; the pass is given up when this fires`,
        });
        if (!isResumed) throw giveUp(by, step);
        await goesOn();
      }
    },
  };
}

function giveUp(by: string, step: string): ApplicationFailure {
  const hours = PAUSE_MS_MAX / 3_600_000;
  const message = `${by} has paused the pass before ${step}, and nobody has resumed it in ${hours} hours; the next pass plans anew`;
  return ApplicationFailure.create({ type: 'paused', message, nonRetryable: true });
}

function nameIn(said: unknown): string {
  const by = typeof said === 'object' && said !== null && 'by' in said ? said.by : said;
  return typeof by === 'string' && by !== '' ? readableName(by) : 'somebody';
}

/** Summaries are limited in bytes. */
function toAscii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
