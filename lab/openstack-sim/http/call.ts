import type { Caller } from '../keystone/caller.ts';

/** The simulated services. */
export type ServiceName = 'keystone' | 'nova' | 'placement' | 'glance' | 'neutron';

/** In the order of their ports. */
export const SERVICE_NAMES = [
  'keystone',
  'nova',
  'placement',
  'glance',
  'neutron',
] as const satisfies readonly ServiceName[];

/** One request as a service sees it. */
export interface RawCall {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly requestId: string;
}

/** One request of a route. */
export interface Call extends RawCall {
  readonly params: Readonly<Record<string, string>>;
  /** The parsed body; `undefined` when there is none. */
  readonly body: unknown;
  readonly caller: Caller;
  /** Minor number of Nova's microversion; 1 elsewhere. */
  readonly minor: number;
}

/** One answer. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that ends a call early. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`answered ${answer.status}`);
    this.name = 'Refusal';
    this.answer = answer;
  }
}

/** Something that the simulator doesn't model; it is answered 501 and remembered. */
export class NotModelled extends Error {}

/** The value of a header, `''` when it is absent. */
export function headerOf(call: RawCall, name: string): string {
  const value = call.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/** The member of a JSON object; `undefined` for anything else. */
export function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** A text or number of a JSON body as text; `''` for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The JSON object below a key of the body; an empty one for anything else. */
export function objectIn(value: unknown, key: string): Readonly<Record<string, unknown>> {
  const found = member(value, key);
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
}
