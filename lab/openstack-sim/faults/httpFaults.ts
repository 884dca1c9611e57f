import type { Random } from '../core/random.ts';
import type { ServiceName } from '../http/call.ts';
import { OBSERVER } from '../http/requestLog.ts';
import { httpFaultSchema, type HttpEffect, type HttpFault } from './schema.ts';

interface Rule {
  readonly fault: HttpFault;
  readonly path: RegExp | null;
  seen: number;
  done: number;
}

/** What is looked at to decide. */
export interface Broken {
  readonly service: ServiceName;
  readonly method: string;
  readonly target: string;
  readonly agent: string;
}

/** The rules that break requests. */
export class HttpFaults {
  readonly #random: Random;
  #rules: Rule[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * Adds a rule; gives a function that takes it away again.
   *
   * @throws ZodError for what is no rule.
   */
  add(fault: unknown): () => void {
    const parsed = httpFaultSchema.parse(fault);
    const path = parsed.path === undefined ? null : new RegExp(parsed.path);
    const rule: Rule = { fault: parsed, path, seen: 0, done: 0 };
    this.#rules.push(rule);
    return () => {
      this.#rules = this.#rules.filter((other) => other !== rule);
    };
  }

  /** Takes all rules away. */
  clear(): void {
    this.#rules = [];
  }

  /** What the first rule that applies does to a request. */
  take({ service, method, target, agent }: Broken): HttpEffect | undefined {
    if (agent.startsWith(OBSERVER)) return undefined;
    for (const rule of this.#rules) {
      const { fault, path } = rule;
      if ((fault.service ?? service) !== service || (fault.method ?? method) !== method) continue;
      if (path !== null && !path.test(target)) continue;
      rule.seen += 1;
      if (fault.nth !== undefined && rule.seen !== fault.nth) continue;
      if (fault.count !== undefined && rule.done >= fault.count) continue;
      if (fault.probability !== undefined && this.#random.fraction() >= fault.probability) continue;
      rule.done += 1;
      return fault.effect;
    }
    return undefined;
  }
}
