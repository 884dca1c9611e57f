import { isGrpcServiceError, type OperatorService } from '@temporalio/client';
import { searchAttributes } from '../src/workflows/searchAttributes.ts';

/** Where search attributes are looked up and added. */
export interface AttributesDeps {
  readonly operator: Pick<OperatorService, 'listSearchAttributes' | 'addSearchAttributes'>;
  readonly namespace: string;
  /** Told what a person has to do about those that can't be added. */
  readonly log: (line: string) => void;
  readonly now: () => number;
  /** How long those that were just added aren't used; by default longer than any part of the server remembers. */
  readonly settleMs?: number;
}

/** Longer than 60 s, for which the services of a server keep what they know of search attributes. */
const SETTLE_MS = 90_000;

/** Types as the `temporal` command names them, and their numbers in Temporal's API. */
const TYPES = {
  KEYWORD: { word: 'Keyword', value: 2 },
  INT: { word: 'Int', value: 3 },
  DOUBLE: { word: 'Double', value: 4 },
} as const;

interface Wanted {
  readonly name: string;
  readonly type: (typeof TYPES)[keyof typeof TYPES];
}

const WANTED: readonly Wanted[] = Object.values(searchAttributes).map(({ name, type }) => ({
  name,
  type: TYPES[type],
}));

/**
 * Adds the search attributes that the namespace lacks; those that it has stay as they are. What can't be added is told
 * with the command that adds it by hand, and passes go on without it.
 * @returns what lists those that passes may set at the moment at which it is called.
 */
export async function ensureSearchAttributes(
  deps: AttributesDeps,
): Promise<() => Promise<readonly string[]>> {
  const { log, now, settleMs = SETTLE_MS } = deps;
  const usableFromMs = new Map<string, number>();
  try {
    const present = await listPresent(deps);
    for (const wanted of WANTED) {
      const type = present[wanted.name];
      if (type === undefined) {
        if (await add(deps, wanted)) usableFromMs.set(wanted.name, now() + settleMs);
      } else if (type !== wanted.type.value) {
        log(
          `search attribute ${wanted.name} of namespace ${deps.namespace} is no ${wanted.type.word}, so passes don't set it; remove it, and a worker adds it anew`,
        );
      }
    }
  } catch (error) {
    log(
      `search attributes of namespace ${deps.namespace} can't be listed (${describe(error)}); passes go on without them`,
    );
  }
  return async () => {
    const present = await listPresent(deps);
    return WANTED.filter(
      ({ name, type }) => present[name] === type.value && now() >= (usableFromMs.get(name) ?? 0),
    ).map(({ name }) => name);
  };
}

async function listPresent({
  operator,
  namespace,
}: AttributesDeps): Promise<Readonly<Record<string, number>>> {
  return (await operator.listSearchAttributes({ namespace })).customAttributes;
}

/** One by one: where there is no room for one, the others are still of use. */
async function add({ operator, namespace, log }: AttributesDeps, { name, type }: Wanted): Promise<boolean> {
  try {
    await operator.addSearchAttributes({ namespace, searchAttributes: { [name]: type.value } });
    return true;
  } catch (error) {
    log(
      `search attribute ${name} can't be added (${describe(error)}); passes go on without it. Add it by hand: temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${type.word}`,
    );
    return false;
  }
}

function describe(error: unknown): string {
  // The worker's connection says it in the message alone.
  if (isGrpcServiceError(error) && error.details !== '') return error.details;
  return error instanceof Error ? error.message : String(error);
}
