import { cleanUp } from './cleanUp.ts';
import type { CloudUnderTest } from './cloudUnderTest.ts';
import { Replayer } from './replayer.ts';
import { SCENARIO } from './scenario/index.ts';

/** What replaying came to. */
export interface ReplayResult {
  /** Differences by recording; those that aren't in it weren't replayed. */
  readonly outcomes: ReadonlyMap<string, readonly string[]>;
  /** Steps that broke off, with the reason; later steps were tried all the same. */
  readonly broken: readonly string[];
}

/** Replays the whole scenario and leaves the cloud as it was found. */
export async function replayScenario(cloud: CloudUnderTest): Promise<ReplayResult> {
  const replayer = new Replayer(cloud);
  const broken: string[] = [];
  for (const step of [...SCENARIO, cleanUp]) {
    try {
      await step(replayer);
    } catch (error) {
      broken.push(`${step.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { outcomes: replayer.outcomes, broken };
}
