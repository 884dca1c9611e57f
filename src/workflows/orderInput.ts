import { parseMoment } from '../domain/moment.ts';
import { BY_LENGTH_MAX, REASON_LENGTH_MAX, type Order } from '../domain/orders.ts';
import { checkRegion, keysOf, refuseProblems, type Problems } from './input.ts';

const EXAMPLES: Readonly<Record<Order['kind'], string>> = {
  freeze: '{"region":"luxembourg","order":"freeze","by":"your name","reason":"CHG-1234","until":"4h"}',
  unfreeze: '{"region":"luxembourg","order":"unfreeze"}',
  beginMaintenance:
    '{"region":"luxembourg","order":"beginMaintenance","hypervisor":"cmp003","until":"4h","by":"your name","reason":"CHG-1234"}',
  endMaintenance: '{"region":"luxembourg","order":"endMaintenance","hypervisor":"cmp003"}',
};
/** What each kind takes besides region and order. Who lifts something may say so; it isn't written down. */
const TAKES: Readonly<Record<Order['kind'], readonly string[]>> = {
  freeze: ['by', 'reason', 'until'],
  unfreeze: ['by'],
  beginMaintenance: ['hypervisor', 'by', 'reason', 'until'],
  endMaintenance: ['hypervisor', 'by'],
};
const KINDS = Object.keys(EXAMPLES) as Order['kind'][];
const HYPERVISOR = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?$/;

/** An order as somebody gave it, checked; without one the question is what stands. */
export interface GivenOrder {
  readonly region: string;
  readonly order: Order | null;
}

/**
 * Reads what people type.
 * @param nowMs - from when a duration counts.
 * @throws failure `invalidConfig` with everything that is wrong, and the right form.
 */
export function parseOrderInput(input: unknown, nowMs: number): GivenOrder {
  const { region, order: kind, ...said } = keysOf(input);
  const problems: string[] = [];
  const known = KINDS.find((each) => each === kind);
  const order =
    known === undefined ? null : parseOrder(known, said, nowMs, (problem) => void problems.push(problem));
  refuseProblems(
    [
      checkRegion(region),
      ...(kind === undefined || known !== undefined
        ? checkTaken(known, said)
        : [`order must be one of ${KINDS.join(', ')}`]),
      ...problems,
    ],
    EXAMPLES[known ?? 'freeze'],
  );
  return { region: String(region), order };
}

/** What an order doesn't take may be meant to limit it: to one hypervisor, or to a time. */
function checkTaken(kind: Order['kind'] | undefined, said: object): Problems {
  const takes: readonly string[] = kind === undefined ? [] : TAKES[kind];
  const what = kind ?? 'an input without order';
  return Object.keys(said).map((key) => !takes.includes(key) && `${what} takes no ${JSON.stringify(key)}`);
}

function parseOrder(
  kind: Order['kind'],
  { by = 'somebody', reason, until, hypervisor }: Record<string, unknown>,
  nowMs: number,
  wrong: (problem: string) => void,
): Order | null {
  const text = (name: string, value: unknown, lengthMax: number): string => {
    if (typeof value !== 'string' || value.trim() === '') wrong(`${name} must say something`);
    return typeof value === 'string' ? readable(value, lengthMax) : '';
  };
  const host = (): string => {
    const isName = typeof hypervisor === 'string' && HYPERVISOR.test(hypervisor);
    if (!isName) wrong('hypervisor must be the name of a hypervisor, with or without the domain');
    return isName ? hypervisor : '';
  };
  const end = (): string => {
    const moment = typeof until === 'string' ? parseMoment(until, nowMs) : { problem: 'is missing' };
    if ('problem' in moment) wrong(`until ${moment.problem}`);
    return 'problem' in moment ? '' : moment.at;
  };
  switch (kind) {
    case 'freeze':
      return {
        kind,
        by: text('by', by, BY_LENGTH_MAX),
        reason: text('reason', reason, REASON_LENGTH_MAX),
        until: until === undefined || until === null ? null : end(),
      };
    case 'unfreeze':
      return { kind };
    case 'beginMaintenance':
      return {
        kind,
        hypervisor: host(),
        by: text('by', by, BY_LENGTH_MAX),
        reason: text('reason', reason ?? 'maintenance', REASON_LENGTH_MAX),
        until: end(),
      };
    case 'endMaintenance':
      return { kind, hypervisor: host() };
  }
}

/** On one line, and without what a terminal might obey. */
function readable(said: string, lengthMax: number): string {
  const line = said.trim().replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '?');
  return line.slice(0, lengthMax).toWellFormed();
}
