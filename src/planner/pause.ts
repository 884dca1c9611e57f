import { describeKind } from '../domain/failure.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { Reason } from '../domain/plan.ts';

/** However often it has failed, a hypervisor is tried again after so long. */
const PAUSE_MS_MAX = 6 * 3_600_000;

/** Knows on which hypervisors creations failed again and again, and until when they are left alone. */
export class Pauses {
  readonly #failures: ReadonlyMap<string, NonNullable<Inventory['memory']>['creations'][number]>;
  readonly #firstMs: number;
  readonly #nowMs: number;

  /** @param firstMs - the pause after the second failure in a row; it doubles with each further one. */
  constructor({ memory, revision }: Inventory, firstMs: number, nowMs: number) {
    const relevant = memory?.creations.filter((creation) => creation.revision === revision) ?? [];
    this.#failures = new Map(relevant.map((creation) => [creation.hypervisor, creation]));
    this.#firstMs = firstMs;
    this.#nowMs = nowMs;
  }

  /**
   * Why nothing is made on this hypervisor now, for people; `undefined` where it may be tried.
   *
   * @param patience - failures that count beside those that there were: what works can wait longer for a new one.
   */
  on(hypervisor: string, patience = 0): Reason | undefined {
    const failed = this.#failures.get(hypervisor);
    if (failed === undefined) return undefined;
    const untilMs = Date.parse(failed.at) + this.#pauseMs(failed.failures + patience);
    // One that was written in the future says nothing of when to try again.
    if (this.#nowMs >= untilMs || Date.parse(failed.at) > this.#nowMs) return undefined;
    const times = failed.failures === 1 ? 'once' : `${failed.failures} times`;
    return {
      code: failed.kind === 'noCapacity' ? 'unplaceable' : 'creationPaused',
      text: `creation failed ${times} (${describeKind(failed.kind)}), tried again after ${describeTime(untilMs)}`,
    };
  }

  /** The first failure may be chance: the next pass tries again at once. */
  #pauseMs(failures: number): number {
    return failures < 2 ? 0 : Math.min(PAUSE_MS_MAX, this.#firstMs * 2 ** (failures - 2));
  }
}

/** To the next full minute, so that the time that is told isn't too early. */
function describeTime(timeMs: number): string {
  const minute = new Date(Math.ceil(timeMs / 60_000) * 60_000).toISOString();
  return `${minute.slice(0, 10)} ${minute.slice(11, 16)} UTC`;
}
