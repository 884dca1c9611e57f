import { describe, expect, test } from 'vitest';
import { measureBoot, slowestFirst } from '../../../src/domain/boot.ts';
import { aHypervisor, aProbe } from '../../support/builders.ts';

const CREATED_S = Date.UTC(2026, 0, 1) / 1000;
const probe = aProbe(aHypervisor(), {
  createdAt: '2026-01-01T00:00:00Z',
  launchedAt: '2026-01-01T00:00:12.340000Z',
});

describe('how long a probe took to come up', () => {
  test('is counted from its creation', () => {
    expect(measureBoot(probe, CREATED_S + 41.26)).toMatchObject({ activeSeconds: 12.3, answerSeconds: 41.3 });
  });

  test('is unknown where nothing answers, and where clocks contradict each other', () => {
    expect(measureBoot(probe, null).answerSeconds).toBeNull();
    expect(measureBoot(probe, CREATED_S - 1).answerSeconds).toBeNull();
    expect(measureBoot({ ...probe, launchedAt: null }, null).activeSeconds).toBeNull();
    expect(measureBoot({ ...probe, createdAt: 'yesterday' }, CREATED_S).answerSeconds).toBeNull();
  });

  test('puts those first that never answered, then the slowest', () => {
    const boots = [CREATED_S + 3, null, CREATED_S + 9].map((answersSince) =>
      measureBoot(probe, answersSince),
    );
    expect(boots.toSorted(slowestFirst).map(({ answerSeconds }) => answerSeconds)).toEqual([null, 9, 3]);
  });
});
