import type { HypervisorFailure } from '../domain/failure.ts';
import { OpenStackError } from '../openstack/error.ts';
import type { StepDeps } from './deps.ts';
import { classify } from './failures.ts';

/** Why something can't be done about one hypervisor. */
export type Refusal = Pick<HypervisorFailure, 'kind' | 'message'>;

/** What was done and what wasn't, each in the order of the items. */
export interface Tried<Item> {
  readonly done: readonly Item[];
  readonly refused: readonly { readonly item: Item; readonly refusal: Refusal }[];
}

/**
 * Does something to each item: one that Nova fails at never stops the others. What trying again may help is left to the
 * next attempt of the step, and refused by the last one.
 * @throws the first such OpenStackError once all items were tried, while attempts are left.
 */
export async function tryEach<Item>(
  { isLastAttempt }: StepDeps,
  items: readonly Item[],
  act: (item: Item) => Promise<Refusal | undefined>,
): Promise<Tried<Item>> {
  const done: Item[] = [];
  const refused: { readonly item: Item; readonly refusal: Refusal }[] = [];
  let unsettled: OpenStackError | undefined;
  for (const item of items) {
    try {
      const refusal = await act(item);
      if (refusal === undefined) done.push(item);
      else refused.push({ item, refusal });
    } catch (error) {
      if (!(error instanceof OpenStackError)) throw error;
      const { kind, terminal } = classify(error);
      // A conflict is about the state of that one server, which the next pass looks at again.
      const mayPass = terminal === null && kind !== 'conflict';
      if (mayPass && !isLastAttempt) {
        // It is meant for all that we ask, not for this item.
        if (kind === 'rateLimited') throw error;
        unsettled ??= error;
      }
      refused.push({ item, refusal: { kind, message: error.message } });
    }
  }
  if (unsettled !== undefined) throw unsettled;
  return { done, refused };
}
