import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ArtifactRef, PassOutcome } from '../domain/pass.ts';
import type { ProbeCounts } from '../domain/verification.ts';
import { METRICS, type MetricName } from './names.ts';

/** How a pass can end: by its report, or without one. */
export const PASS_ENDS = [
  'converged',
  'degraded',
  'held',
  'planned',
  'frozen',
  'failed',
  'cancelled',
  'terminated',
  'timedOut',
] as const satisfies readonly (PassOutcome | 'failed' | 'cancelled' | 'terminated' | 'timedOut')[];

/** See {@link PASS_ENDS}. */
export type PassEnd = (typeof PASS_ENDS)[number];

/** One request to a service, at its end. */
export interface ApiRequest {
  readonly region: string;
  readonly service: string;
  /** Method and route with its variable parts in braces, or the name of the operation: never an id. */
  readonly operation: string;
  /** `undefined` where there was no answer. */
  readonly status: number | undefined;
  readonly durationMs: number;
}

/** What is known of a region's passes, whichever worker ran them. */
export interface RegionFacts {
  readonly region: string;
  readonly readMs: number;
  /** When the last pass of each outcome ended. */
  readonly lastMs: Readonly<Partial<Record<PassEnd, number>>>;
  /** How the last pass ended that was no dry run. */
  readonly lastOutcome: PassEnd | null;
  readonly lastGoodMs: number | null;
  readonly isRunning: boolean;
  readonly isHeld: boolean;
  /** Whether a freeze stands, as far as the last pass knew. */
  readonly isFrozen: boolean;
  /** `null` where no pass is known that counted them. */
  readonly probes: ProbeCounts | null;
  /** Which hypervisors should carry a probe; `null` where no good pass is known that says so. */
  readonly expected: ArtifactRef | null;
}

/** What a worker counts, and its text for Prometheus. */
export interface WorkerMetrics {
  readonly contentType: string;
  readonly countRequest: (request: ApiRequest) => void;
  readonly countStep: (step: {
    readonly region: string;
    readonly step: string;
    readonly result: string;
  }) => void;
  readonly countPass: (region: string, end: PassEnd) => void;
  readonly setRegion: (facts: RegionFacts) => void;
  readonly setReady: (isReady: boolean) => void;
  readonly render: () => Promise<string>;
}

const PROBE_STATES = ['verified', 'failed', 'skipped', 'missing'] as const satisfies (keyof ProbeCounts)[];
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Gauges of Node's that are named like counters; what they count is in others as well. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Gives when, by its schedule, a region's third last pass was due before a moment; 0 where none was. */
export type PassDue = (nowMs: number) => number;

/** Makes the metrics of a worker; the regions are those of its configuration. */
export function createMetrics(regions: ReadonlyMap<string, PassDue>): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const options = ({ name, help, labels }: MetricName) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  const gauge = (name: MetricName) => new Gauge(options(name));
  const lastGoodPass = gauge(METRICS.lastGoodPass);
  const lastPass = gauge(METRICS.lastPass);
  const lastOutcome = gauge(METRICS.lastOutcome);
  const passRunning = gauge(METRICS.passRunning);
  const guardHeld = gauge(METRICS.guardHeld);
  const regionFrozen = gauge(METRICS.regionFrozen);
  const probes = gauge(METRICS.probes);
  const passesRead = gauge(METRICS.passesRead);
  const ready = gauge(METRICS.ready);
  const passes = new Counter(options(METRICS.passes));
  const steps = new Counter(options(METRICS.steps));
  const apiRequests = new Counter(options(METRICS.apiRequests));
  const apiDuration = new Histogram({ ...options(METRICS.apiDuration), buckets: SECONDS });

  new Gauge({
    ...options(METRICS.passDue),
    collect() {
      for (const [region, passDue] of regions) this.set({ region }, passDue(Date.now()) / 1000);
    },
  });
  for (const region of regions.keys()) {
    passesRead.set({ region }, 0);
    // A rate needs a series before the first event, or the first one goes unseen.
    for (const outcome of PASS_ENDS) passes.inc({ region, outcome }, 0);
  }
  return {
    contentType: registry.contentType,
    countRequest: ({ region, service, operation, status, durationMs }) => {
      apiRequests.inc({ region, service, operation, code: status ?? 'none' });
      apiDuration.observe({ region, service }, durationMs / 1000);
    },
    countStep: ({ region, ...labels }) =>
      // Whoever may start a workflow may name any region, and labels must stay few.
      steps.inc({ region: regions.has(region) ? region : 'unknown', ...labels }),
    countPass: (region, outcome) => passes.inc({ region, outcome }),
    setRegion: (facts) => {
      const { region } = facts;
      passesRead.set({ region }, facts.readMs / 1000);
      lastGoodPass.set({ region }, (facts.lastGoodMs ?? 0) / 1000);
      passRunning.set({ region }, Number(facts.isRunning));
      guardHeld.set({ region }, Number(facts.isHeld));
      regionFrozen.set({ region }, Number(facts.isFrozen));
      for (const outcome of PASS_ENDS) {
        const endedMs = facts.lastMs[outcome];
        if (endedMs !== undefined) lastPass.set({ region, outcome }, endedMs / 1000);
        lastOutcome.set({ region, outcome }, Number(facts.lastOutcome === outcome));
      }
      if (facts.probes !== null)
        for (const state of PROBE_STATES) probes.set({ region, state }, facts.probes[state]);
    },
    setReady: (isReady) => ready.set(Number(isReady)),
    render: () => registry.metrics(),
  };
}
