import { createInterface } from 'node:readline/promises';

/** Whether a person sits there who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * What came of a question.
 *
 * - `said`: an answer, without space around it.
 * - `interrupted`: Ctrl-C.
 * - `left`: Ctrl-D.
 * - `withdrawn`: the signal came first.
 */
export type Answer =
  { readonly kind: 'said'; readonly text: string } | { readonly kind: 'interrupted' | 'left' | 'withdrawn' };

/** Asks at the terminal. A question without an answer ends its line all the same. */
export async function ask(question: string, withdrawn = new AbortController().signal): Promise<Answer> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  // While it asks, the terminal gives Ctrl-C to readline and not to the process.
  terminal.once('SIGINT', () => interrupted.abort());
  try {
    const signal = AbortSignal.any([withdrawn, interrupted.signal]);
    return { kind: 'said', text: (await terminal.question(question, { signal })).trim() };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
    process.stderr.write('\n');
    if (interrupted.signal.aborted) return { kind: 'interrupted' };
    return { kind: withdrawn.aborted ? 'withdrawn' : 'left' };
  } finally {
    terminal.close();
  }
}
