import { expect, test } from 'vitest';
import type { StepDeps } from '../../../src/activities/deps.ts';
import { observeExporters } from '../../../src/activities/exporters.ts';
import { aHypervisor, aPolicy, aProbe } from '../../support/builders.ts';

/** What Prometheus says of a probe's exporters; what it has never scraped is left out. */
interface Answers {
  readonly node?: 0 | 1;
  readonly ping?: 0 | 1;
}

/** The report on probes of which Prometheus has lately seen this, and sees the same now. */
async function reportOn(seen: readonly Answers[]) {
  const probes = seen.map((_, index) => aProbe(aHypervisor(), { generation: index + 1 }));
  const samples = seen.flatMap((answers, index) =>
    Object.entries(answers).map(([exporter, value]) => ({
      labels: { probe_id: probes[index]?.probeId ?? '', exporter },
      value,
    })),
  );
  const deps = {
    region: 'lab',
    policy: aPolicy(),
    targets: { ports: { node: 9100, ping: 9374 } },
    prometheus: { queryInstant: () => Promise.resolve(samples) },
  } as unknown as StepDeps;
  const report = await observeExporters(deps, probes, AbortSignal.timeout(1_000));
  const placesOf = (ids: readonly string[] = []): readonly number[] =>
    ids.map((id) => probes.findIndex(({ probeId }) => probeId === id));
  return {
    watched: report?.watched,
    silent: placesOf(report?.silent),
    unseen: placesOf(report?.unseen),
    unanswered: placesOf(report?.unanswered),
  };
}

test('a probe has been seen up only when each of its exporters has', async () => {
  const both = { node: 1, ping: 1 } as const;
  const one = { node: 1 } as const;
  const half = { node: 1, ping: 0 } as const;

  expect(await reportOn([both, one, {}, half])).toEqual({
    watched: 3,
    silent: [3],
    unseen: [1, 2],
    unanswered: [3],
  });
});
