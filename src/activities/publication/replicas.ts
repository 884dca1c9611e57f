import type { ReplicaDifference } from '../../domain/pass.ts';
import type { PrometheusClient } from '../../prometheus/client.ts';
import { isClientError } from '../failures.ts';
import type { TargetsPublisher } from './publisher.ts';

/** One Prometheus of a region, and the document that it reads. */
export interface Replica {
  /** Host and port, for messages. */
  readonly name: string;
  readonly prometheus: PrometheusClient;
  /** The same one for all that read the same document. */
  readonly publisher: TargetsPublisher;
}

/** Every Prometheus of a region. */
export interface Publication {
  readonly replicas: readonly Replica[];
  /** Whether each of them must have the targets, or one is enough. */
  readonly required: 'all' | 'any';
  /** Whether one that reads a file is asked to reload. */
  readonly reload: boolean;
}

/** What the replicas said, and why those that aren't required said nothing. */
export interface Answers<T> {
  readonly answers: readonly { readonly replica: Replica; readonly value: T }[];
  readonly silent: readonly ReplicaDifference[];
}

/**
 * Asks every replica at once. Where all are required, the first error ends it; where any is enough, one that can't be
 * asked only is reported, unless none can.
 * @throws what `ask` has thrown first.
 */
export async function askReplicas<T>(
  { replicas, required }: Pick<Publication, 'replicas' | 'required'>,
  signal: AbortSignal,
  ask: (replica: Replica, signal: AbortSignal) => Promise<T>,
): Promise<Answers<T>> {
  const stop = new AbortController();
  const answers: { readonly replica: Replica; readonly value: T }[] = [];
  const failed: { readonly replica: Replica; readonly error: unknown }[] = [];
  const asked = replicas.map(async (replica) => {
    try {
      answers.push({ replica, value: await ask(replica, AbortSignal.any([signal, stop.signal])) });
    } catch (error) {
      failed.push({ replica, error });
      if (required === 'all' || !isClientError(error)) stop.abort();
    }
  });
  // Nothing goes on behind the back of a step that has ended.
  await Promise.all(asked);
  const [first] = failed;
  if (first !== undefined && (answers.length === 0 || stop.signal.aborted)) throw first.error;
  const silent = failed.map(({ replica, error }) => ({
    replica: replica.name,
    difference: describeError(error),
  }));
  return { answers, silent };
}

/** The documents of targets that are there, each once; where any replica is enough, as far as they can be asked. */
export async function listPresent(
  publication: Pick<Publication, 'replicas' | 'required'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { answers } = await askReplicas(publication, signal, ({ publisher }, abort) =>
    publisher.check(abort),
  );
  const present = answers.filter(({ value }) => value === 'present');
  return [...new Set(present.map(({ replica }) => replica.publisher.place))].toSorted();
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
