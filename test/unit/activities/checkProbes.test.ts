import { expect, test } from 'vitest';
import { checkProbes } from '../../../src/activities/checkProbes.ts';
import type { StepDeps } from '../../../src/activities/deps.ts';

const PROBE = { region: 'luxembourg', probe_id: '0000000a', exporter: 'ping', hypervisor: 'cmp001' };

/** What Prometheus shows of a probe under its labels of now and of before. */
function generations(now: number, before: number) {
  return [
    { labels: PROBE, value: now },
    { labels: { ...PROBE, displaced: 'true' }, value: before },
  ];
}

test('of two series of one probe, one of which is scraped no more, the newest generation counts', async () => {
  const deps = {
    region: PROBE.region,
    prometheus: {
      queryInstant: (query: string) =>
        Promise.resolve(query.startsWith('innervisor_agent') ? generations(8, 7) : []),
    },
  } as unknown as StepDeps;

  const results = await checkProbes(
    deps,
    [{ targets: ['10.77.0.1:9374'], labels: PROBE }],
    8,
    false,
    AbortSignal.timeout(1_000),
  );

  expect(results.find(({ check }) => check === 'peersPulled')).toMatchObject({
    status: 'ok',
    detail: 'generation 8',
  });
});
