import { STEP_SECONDS, type Condition, type TestProbe, type TestRegion } from './region.ts';

/** A series as `promtool test rules` takes it. */
export interface Series {
  readonly series: string;
  readonly values: string;
}

type Labels = Readonly<Record<string, string>>;

export const TARGETS = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const;

const BUCKETS = { disk: [0.005, 0.01, 0.25, 1], public: [0.01, 0.05, 0.1, 0.25, 1] } as const;

/** The labels that a probe's targets give to its series, and so to its alerts. */
export function probeLabels(region: TestRegion, name: string, generation = 1): Labels {
  const zone = region.probes.find((one) => one.name === name)?.zone ?? '';
  return {
    availability_zone: zone,
    hypervisor: name,
    probe: `probe-${name}`,
    probe_id: idOf(name, generation),
    region: region.name,
    team: 'compute',
  };
}

/** The id of a hypervisor's probe. */
export function idOf(name: string, generation = 1): string {
  return `id-${name}-${generation}`;
}

/** All that Prometheus scrapes of a region while it lives. */
export function renderSeries(region: TestRegion): readonly Series[] {
  return [
    {
      series: 'up{job="innervisor-worker",instance="w1"}',
      values: stepsOf(region)
        .map(() => 1)
        .join(' '),
    },
    ...region.probes.flatMap((probe) => ofProbe(region, probe)),
    ...region.probes.map((probe) => expected(region, probe)),
  ];
}

function ofProbe(region: TestRegion, probe: TestProbe): readonly Series[] {
  const peers = region.probes.filter((one) => one.name !== probe.name);
  const rows = new Rows(region, probe.name);
  rows.up('node', ({ nodeUp }) => nodeUp);
  rows.up('ping', ({ pingUp }) => pingUp);
  rows.counter('innervisor_steal_demanded_seconds_total', {}, () => 0.02);
  rows.counter('innervisor_steal_stolen_seconds_total', {}, ({ stolenShare }) => 0.02 * stolenShare);
  for (const operation of ['read', 'write']) disk(rows, { operation, storage_class: 'rbd' });
  rows.gauge('innervisor_disk_ready', { storage_class: 'rbd' }, ({ diskReady }) => Number(diskReady));
  for (const target of TARGETS) publicTarget(rows, target);
  for (const peer of peers)
    for (const generation of generationsOf(region, peer.name))
      pair(rows, region, probe, { ...peer, generation });
  rows.gauge('innervisor_ping_peers', {}, ({ peersPinged }) => peersPinged ?? peers.length);
  rows.gauge('innervisor_ping_peers_load_ok', {}, ({ loaded }) => Number(loaded));
  for (const group of ['mesh', 'public'])
    rows.gauge('innervisor_ping_up', { group }, ({ outcomes }) => Number(outcomes));
  agent(rows, region.probes.length);
  return rows.series;
}

function disk(rows: Rows, labels: Labels): void {
  const name = 'innervisor_disk_latency_seconds';
  for (const bound of BUCKETS.disk)
    rows.counter(
      `${name}_bucket`,
      { ...labels, le: String(bound) },
      ({ operationsPerSecond, slowShare, stallShare }) =>
        operationsPerSecond *
        (bound < 0.01
          ? 0.9 * (1 - slowShare)
          : bound < 0.25
            ? 1 - slowShare
            : bound < 1
              ? 1 - stallShare
              : 1),
    );
  rows.counter(`${name}_bucket`, { ...labels, le: '+Inf' }, ({ operationsPerSecond }) => operationsPerSecond);
  rows.counter(`${name}_count`, labels, ({ operationsPerSecond }) => operationsPerSecond);
  rows.counter('innervisor_disk_errors_total', labels, ({ errorsPerSecond }) => errorsPerSecond);
}

function publicTarget(rows: Rows, target: string): void {
  const labels = { kind: 'public', target };
  const answered = ({ publicLoss, outcomes }: Condition): number => (outcomes ? 1 - publicLoss(target) : 0);
  rows.counter('innervisor_ping_sent_total', labels, ({ outcomes }) => Number(outcomes));
  rows.counter('innervisor_ping_received_total', labels, answered);
  rows.counter('innervisor_ping_rtt_seconds_count', labels, answered);
  rows.counter('innervisor_ping_rtt_seconds_sum', labels, (one) => answered(one) * one.publicSeconds);
  for (const bound of BUCKETS.public)
    rows.counter('innervisor_ping_rtt_seconds_bucket', { ...labels, le: String(bound) }, (one) =>
      one.publicSeconds <= bound ? answered(one) : 0,
    );
  rows.counter('innervisor_ping_rtt_seconds_bucket', { ...labels, le: '+Inf' }, answered);
}

function pair(
  rows: Rows,
  region: TestRegion,
  probe: TestProbe,
  peer: TestProbe & { readonly generation: number },
): void {
  const id = idOf(peer.name, peer.generation);
  const labels = { kind: 'mesh', peer_id: id, peer_hypervisor: peer.name, peer_zone: peer.zone };
  // A machine that is down or gone answers nobody.
  const reached = (second: number): number => {
    const { listed, nodeUp, pingUp, generation } = region.conditionAt(peer.name, second);
    const isThere = listed && (nodeUp || pingUp) && generation === peer.generation;
    return isThere ? 1 - region.wayAt(probe, peer, second).loss : 0;
  };
  const answered = ({ outcomes }: Condition, second: number): number => (outcomes ? reached(second) : 0);
  rows.counter('innervisor_ping_sent_total', labels, ({ outcomes }) => Number(outcomes));
  rows.counter('innervisor_ping_received_total', labels, answered);
  rows.counter('innervisor_ping_rtt_seconds_count', labels, answered);
  rows.counter(
    'innervisor_ping_rtt_seconds_sum',
    labels,
    (one, second) => answered(one, second) * region.wayAt(probe, peer, second).seconds,
  );
}

function agent(rows: Rows, listed: number): void {
  let confirmed = 0;
  rows.gauge(
    'innervisor_agent_confirmed_timestamp_seconds',
    {},
    ({ confirms }, second) => (confirmed = confirms ? second : confirmed),
  );
  rows.gauge('innervisor_agent_peers_listed', {}, () => listed);
  for (const result of ['unchanged', 'reload_failed'])
    rows.gauge('innervisor_agent_last_result', { result }, ({ agentResult }) =>
      agentResult === result ? 1 : undefined,
    );
}

function expected(region: TestRegion, { name, zone }: TestProbe): Series {
  const labels = {
    region: region.name,
    hypervisor: name,
    availability_zone: zone,
    job: 'innervisor-worker',
    instance: 'w1',
  };
  const values = stepsOf(region).map((second) => (region.conditionAt(name, second).expected ? 1 : 0));
  return { series: render('innervisor_probe_expected', labels), values: values.join(' ') };
}

/** The series of one probe: absent while it doesn't answer, with the mark that Prometheus then writes. */
class Rows {
  readonly series: Series[] = [];
  readonly #region: TestRegion;
  readonly #name: string;

  constructor(region: TestRegion, name: string) {
    this.#region = region;
    this.#name = name;
  }

  up(exporter: string, isUp: (condition: Condition) => boolean): void {
    this.#add('up', { exporter }, (one) => (one.listed ? Number(isUp(one)) : undefined));
  }

  gauge(
    name: string,
    labels: Labels,
    valueOf: (condition: Condition, second: number) => number | undefined,
  ): void {
    this.#add(name, { exporter: 'ping', ...labels }, (one, second) =>
      one.listed && one.pingUp ? valueOf(one, second) : undefined,
    );
  }

  counter(name: string, labels: Labels, perSecond: (condition: Condition, second: number) => number): void {
    let total = 0;
    this.gauge(name, labels, (one, second) => {
      total = this.#region.isResetAt(this.#name, second) ? 0 : total + STEP_SECONDS * perSecond(one, second);
      return total;
    });
  }

  #add(
    name: string,
    labels: Labels,
    valueOf: (condition: Condition, second: number) => number | undefined,
  ): void {
    const steps = stepsOf(this.#region).map((second) => {
      const condition = this.#region.conditionAt(this.#name, second);
      const { displaced, generation } = condition;
      return { variant: JSON.stringify({ displaced, generation }), value: valueOf(condition, second) };
    });
    for (const variant of new Set(steps.map((step) => step.variant))) {
      const own = steps.map((step) => (step.variant === variant ? step.value : undefined));
      if (own.every((value) => value === undefined)) continue;
      const { displaced, generation } = JSON.parse(variant) as Pick<Condition, 'displaced' | 'generation'>;
      const owner = probeLabels(this.#region, this.#name, generation);
      const all = { instance: `${this.#name}:9`, job: 'innervisor', ...owner, ...labels };
      this.series.push({
        series: render(name, displaced ? { ...all, displaced: 'true' } : all),
        values: withMarks(own),
      });
    }
  }
}

function generationsOf(region: TestRegion, name: string): ReadonlySet<number> {
  return new Set(stepsOf(region).map((second) => region.conditionAt(name, second).generation));
}

function withMarks(values: readonly (number | undefined)[]): string {
  return values
    .map(
      (value, index) =>
        value?.toFixed(9).replace(/\.?0+$/, '') ?? (values[index - 1] === undefined ? '_' : 'stale'),
    )
    .join(' ');
}

function stepsOf(region: TestRegion): readonly number[] {
  return Array.from({ length: (region.minutes * 60) / STEP_SECONDS + 1 }, (_, index) => index * STEP_SECONDS);
}

function render(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `${name}{${pairs.join(',')}}`;
}
