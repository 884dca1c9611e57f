import type { ExpectedProbe } from '../domain/expected.ts';
import { METRICS } from './names.ts';

/** What is shown of one region on the page of the hypervisors that should carry a probe. */
export interface ShownRegion {
  readonly region: string;
  /** When it was last known to be what the last good pass said; 0 before the first time. */
  readonly readMs: number;
  /** See {@link renderExpected}; empty for one of which nothing is known. */
  readonly series: string;
}

/** The series of one region: made once for as long as they stay the same, since there may be ten thousand. */
export function renderExpected(region: string, expected: readonly ExpectedProbe[]): string {
  const labels = METRICS.probeExpected.labels;
  return expected
    .map(({ hypervisor, availability_zone: zone }) => {
      const values = { region, availability_zone: zone ?? '', hypervisor };
      const pairs = labels.map((label) => `${label}="${escape(values[label])}"`);
      return `${METRICS.probeExpected.name}{${pairs.join(',')}} 1\n`;
    })
    .join('');
}

/** The whole page, in Prometheus' text format. */
export function renderExpectedPage(regions: readonly ShownRegion[]): string {
  const { probeExpected, probeExpectedRead } = METRICS;
  return [
    describe(probeExpected),
    ...regions.map(({ series }) => series),
    describe(probeExpectedRead),
    ...regions.map(
      ({ region, readMs }) => `${probeExpectedRead.name}{region="${escape(region)}"} ${readMs / 1000}\n`,
    ),
  ].join('');
}

function describe({ name, help, type }: (typeof METRICS)[keyof typeof METRICS]): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
