import type { Caller } from '../keystone/caller.ts';
import { NOBODY } from '../keystone/caller.ts';
import { NotModelled, Refusal, type Answer, type Call, type RawCall, type ServiceName } from './call.ts';
import { checkQuery, createRouter, type Route } from './router.ts';

/** One simulated service. */
export interface Service {
  readonly name: ServiceName;
  answer(call: RawCall): Promise<Answer>;
}

/** What differs from service to service. */
export interface ServiceParts {
  readonly name: ServiceName;
  readonly routes: readonly Route[];
  /** Begins every route's path but those of open ones. */
  readonly prefix: string;
  /** @throws Refusal for a token that it doesn't accept. */
  authenticate(call: RawCall): Caller;
  /** Minor number of the microversion. @throws Refusal for one that there isn't. */
  negotiate?(call: RawCall): number;
  /** Headers of every answer that got as far as a route. */
  decorate(answer: Answer, call: RawCall, minor: number): Answer;
  /** Headers of an answer that didn't: a refused token or version. */
  decorateEarly?(answer: Answer, call: RawCall): Answer;
  /** The service's error for a body that is no JSON. */
  malformed(): Answer;
  /** Told of what isn't modelled. */
  onUnknown(what: string): void;
}

/** Puts a service together. */
export function createService(parts: ServiceParts): Service {
  const router = createRouter(
    parts.routes.map((route) =>
      route.open === true ? route : { ...route, path: parts.prefix + route.path },
    ),
  );

  function unknown(call: RawCall, what: string): Answer {
    const message = `${parts.name}: ${call.method} ${call.target}${what === '' ? '' : `: ${what}`}`;
    parts.onUnknown(message);
    return {
      status: 501,
      body: { simulator: { code: 501, message: `openstack-sim does not model ${message}` } },
    };
  }

  return {
    name: parts.name,
    async answer(call) {
      const match = router(call.method, call.path);
      let caller = NOBODY;
      let minor: number;
      try {
        if (match?.route.open !== true) caller = parts.authenticate(call);
        minor = parts.negotiate?.(call) ?? 1;
      } catch (error) {
        if (error instanceof Refusal) return parts.decorateEarly?.(error.answer, call) ?? error.answer;
        throw error;
      }
      if (match === undefined) return unknown(call, '');
      try {
        checkQuery(match.route, call.query);
        const whole: Call = { ...call, params: match.params, body: parseBody(call, parts), caller, minor };
        return parts.decorate(await match.route.answer(whole), call, minor);
      } catch (error) {
        if (error instanceof NotModelled) return unknown(call, error.message);
        if (error instanceof Refusal) return parts.decorate(error.answer, call, minor);
        throw error;
      }
    },
  };
}

function parseBody(call: RawCall, parts: ServiceParts): unknown {
  if (call.text === '') return undefined;
  try {
    return JSON.parse(call.text) as unknown;
  } catch {
    throw new Refusal(parts.malformed());
  }
}
