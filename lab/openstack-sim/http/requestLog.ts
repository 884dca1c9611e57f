import type { ServiceName } from './call.ts';

/** User agent of observers, whose requests are left out of counts and of faults. */
export const OBSERVER = 'innervisor-observer';

/** One request that a service has answered. */
export interface LoggedRequest {
  readonly service: ServiceName;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** 0 where the connection was cut before an answer. */
  readonly status: number;
  /** When it came in, by the simulation's clock, in milliseconds since the epoch. */
  readonly timeMs: number;
  readonly agent: string | null;
}

/** A place in the log. */
export type Mark = number;

/** All requests, in the order of their answers. */
export class RequestLog {
  readonly #requests: LoggedRequest[] = [];

  /** Its present end. */
  mark(): Mark {
    return this.#requests.length;
  }

  /** What was answered since the mark, without the observers' requests unless they are wanted too. */
  since(mark: Mark, { observers = false }: { readonly observers?: boolean } = {}): LoggedRequest[] {
    const requests = this.#requests.slice(mark);
    return observers ? requests : requests.filter(({ agent }) => !(agent ?? '').startsWith(OBSERVER));
  }

  /** Writes one down. */
  add(request: LoggedRequest): void {
    this.#requests.push(request);
  }
}
