import { describe, expect, test } from 'vitest';
import {
  computeInForce,
  computeOrders,
  describeSaid,
  NO_ORDERS,
  type Order,
  type Orders,
} from '../../../src/domain/orders.ts';
import { parseMoment } from '../../../src/domain/moment.ts';
import { NOW_MS } from '../../support/builders.ts';

const AT = '2026-01-02T03:00:00.000Z';
const LATER = '2026-01-02T04:00:00.000Z';
const freeze = { kind: 'freeze', by: 'me', reason: 'works', until: null } as const;
const begin = (hypervisor: string, more: Partial<Order> = {}): Order =>
  ({ kind: 'beginMaintenance', hypervisor, by: 'me', reason: 'disk', until: LATER, ...more }) as Order;

function after(...orders: readonly Order[]): Orders {
  return orders.reduce((before, order) => computeOrders(before, order, AT), NO_ORDERS);
}

describe('orders', () => {
  test('freeze a region and lift that', () => {
    expect(after(freeze).frozen).toEqual({ by: 'me', at: AT, reason: 'works', until: null });
    expect(after(freeze, { kind: 'unfreeze' })).toEqual(NO_ORDERS);
  });

  test('take hypervisors into maintenance, sorted and each once, and end it for one', () => {
    const both = after(begin('b'), begin('a'), begin('b', { reason: 'memory' }));

    expect(both.maintenance.map(({ hypervisor, reason }) => `${hypervisor} ${reason}`)).toEqual([
      'a disk',
      'b memory',
    ]);
    expect(
      computeOrders(both, { kind: 'endMaintenance', hypervisor: 'a' }, AT).maintenance.map(
        ({ hypervisor }) => hypervisor,
      ),
    ).toEqual(['b']);
  });

  test('given once more leave what stands as it is, with the time of the first one', () => {
    const before = after(freeze, begin('a'));

    expect(computeOrders(before, freeze, LATER)).toEqual(before);
    expect(computeOrders(before, begin('a'), LATER)).toEqual(before);
    expect(computeOrders(before, { ...freeze, reason: 'others' }, LATER).frozen).toMatchObject({ at: LATER });
    expect(computeOrders(NO_ORDERS, { kind: 'unfreeze' }, AT)).toEqual(NO_ORDERS);
  });

  test('count until their time is over, and then no longer', () => {
    const orders = after({ ...freeze, until: LATER }, begin('a'));
    const end = Date.parse(LATER);

    expect(computeInForce(orders, end - 1)).toEqual(orders);
    expect(computeInForce(orders, end)).toEqual(NO_ORDERS);
    expect(computeInForce(after(freeze), end).frozen).not.toBeNull();
  });

  test('say who gave them, since when, until when and why', () => {
    const frozen = { by: 'me@host', at: AT, reason: 'works', until: LATER };

    expect(describeSaid(frozen)).toBe('by me@host since 2026-01-02 03:00Z until 2026-01-02 04:00Z: works');
    expect(describeSaid({ ...frozen, until: null })).toBe('by me@host since 2026-01-02 03:00Z: works');
  });
});

describe('the end of something', () => {
  test.each([
    ['90m', '2026-01-02T04:34:05.000Z'],
    ['4h', '2026-01-02T07:04:05.000Z'],
    ['2d', '2026-01-04T03:04:05.000Z'],
    ['2026-01-02T04:00Z', LATER],
    ['2026-01-02 05:00:00+01:00', LATER],
  ])('may be given as %s', (text, at) => {
    expect(parseMoment(text, NOW_MS)).toEqual({ at });
  });

  test.each([
    ['tomorrow', 'must be a duration such as 90m, 4h or 2d, or a time such as 2026-11-25T20:00Z'],
    ['2026-01-02T04:00', 'must be a duration such as 90m, 4h or 2d, or a time such as 2026-11-25T20:00Z'],
    ['2026-13-02T04:00Z', 'must be a duration such as 90m, 4h or 2d, or a time such as 2026-11-25T20:00Z'],
    ['2026-01-02T03:00Z', 'must be in the future'],
    ['0h', 'must be a duration such as 90m, 4h or 2d, or a time such as 2026-11-25T20:00Z'],
    ['400d', 'must be within a year'],
  ])('may not be %s', (text, problem) => {
    expect(parseMoment(text, NOW_MS)).toEqual({ problem });
  });
});
