import { createInterface } from 'node:readline/promises';

/** Whether a person sits there who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks at the terminal and gives the answer; `undefined` when `signal` ended the question. */
export async function ask(question: string, signal?: AbortSignal): Promise<string | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await (signal === undefined
      ? terminal.question(question)
      : terminal.question(question, { signal }));
    return answer.trim();
  } catch (error) {
    if (signal?.aborted === true) return undefined;
    throw error;
  } finally {
    terminal.close();
  }
}
