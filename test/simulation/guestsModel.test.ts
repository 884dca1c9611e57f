import { expect, test } from 'vitest';

import { renderFamilies } from '../../lab/guests/exposition.ts';
import { CALM, createLoadModel, type Load, type LoadModel } from '../../lab/guests/model.ts';
import { nodeFamilies } from '../../lab/guests/nodeMetrics.ts';
import { CPU_MODES, createOdometer } from '../../lab/guests/odometer.ts';
import { exporterFamilies } from '../../lab/guests/exporterMetrics.ts';
import { createPings, peerTarget, publicTarget } from '../../lab/guests/pings.ts';
import { parseExposition } from './support/exposition.ts';

const START_MS = 1_700_000_000_000;
const PEER = peerTarget({
  probeId: 'p1',
  address: '192.0.2.7',
  hypervisor: 'hv1',
  availabilityZone: 'az1',
});
const STATE = { version: 'v', storageClass: 'local', generation: 1 };

test('The stolen share of the demand grows with the load of the hypervisor, and with it the round trips', () => {
  const loads = [0, 0.3, 0.9, 1.5, 3, 8];

  const stolen = loads.map((load) => cpuAfterAnHour({ load }).stolenShare);
  const ofBursts = loads.map((load) => cpuAfterAnHour({ load }).burstsStolenShare);
  const roundTrips = loads.map((load) => pingsAfterAnHour({ load }).meanSeconds);

  expect(stolen).toEqual(stolen.toSorted((a, b) => a - b));
  expect(stolen[1]).toBeLessThan(0.01);
  expect(stolen[4]).toBeGreaterThan(0.6);
  expect(new Set(stolen).size).toBe(loads.length);
  expect(ofBursts).toEqual(ofBursts.toSorted((a, b) => a - b));
  expect(ofBursts[4]).toBeGreaterThan(0.6);
  expect(roundTrips).toEqual(roundTrips.toSorted((a, b) => a - b));
});

test('The modes of a CPU add up to the time since boot, whatever the load', () => {
  for (const load of [0, 1, 20]) {
    const { seconds } = cpuAfterAnHour({ load, diskLatencyMs: 2_000 });

    expect(CPU_MODES.reduce((sum, mode) => sum + seconds[mode], 0)).toBeCloseTo(3_600, 3);
  }
});

test('A slow disk shows in the time of writes and their histogram, and lost packets in missing answers', () => {
  const calm = cpuAfterAnHour({});
  const slow = cpuAfterAnHour({ diskLatencyMs: 80 });
  const lossy = pingsAfterAnHour({ networkLoss: 0.1 });

  expect(slow.writeSeconds / calm.writeSeconds).toBeCloseTo(80 / CALM.diskLatencyMs, 3);
  expect(slow.slowWrites).toBeGreaterThan(calm.slowWrites);
  expect(lossy.answeredShare).toBeCloseTo(0.81, 2);
  expect(pingsAfterAnHour({}).answeredShare).toBeCloseTo(1, 2);
  expect(pingsAfterAnHour({ publicLoss: 0.5 }).answeredShare).toBeCloseTo(1, 2);
  expect(pingsAfterAnHour({ publicLoss: 0.1 }, publicTarget('198.51.100.1')).answeredShare).toBeCloseTo(
    0.81,
    2,
  );
});

test('No counter ever falls and no bucket holds more than the next, while loads and peers change', () => {
  const { model, clock } = aModel();
  const guest = aGuest(model);
  let before = new Map<string, number>();

  for (let step = 0; step < 200; step += 1) {
    clock.now += Math.floor(7_000 * model.chance('step', String(step)));
    if (step % 5 === 0) model.setLoad('hv0', { load: 4 * model.chance('load', String(step)) });
    if (step % 7 === 0) model.setLoad('hv1', { networkLoss: model.chance('loss', String(step)) });
    if (step % 11 === 0) guest.odometer.move(step % 2 === 0 ? 'hv0' : 'hv1', clock.now);
    const after = countersOf(guest.render());

    for (const [series, value] of after) {
      expect(value, series).toBeGreaterThanOrEqual(before.get(series) ?? 0);
    }
    before = after;
  }
  expectNestedBuckets(guest.render());
});

test('The same seed, times and loads give the same metrics; another seed gives others', () => {
  const first = afterSomeTime('one');

  expect(afterSomeTime('one')).toBe(first);
  expect(afterSomeTime('two')).not.toBe(first);
});

test('A change between two scrapes counts from when it happened, however seldom counters are read', () => {
  const [often, seldom] = [aModel(), aModel()];
  const [oftenRead, seldomRead] = [aGuest(often.model), aGuest(seldom.model)];

  for (const [at, load] of [
    [10, 5],
    [20, 0],
    [30, 2],
  ] as const) {
    for (const each of [often, seldom]) each.clock.now = START_MS + at * 1_000;
    for (const each of [often, seldom]) each.model.setLoad('hv0', { load });
    oftenRead.odometer.read(often.clock.now);
  }
  const end = START_MS + 40_000;

  const stolen = seldomRead.odometer.read(end).cpuSeconds.steal;
  expect(stolen).toBeGreaterThan(0);
  expect(stolen).toBeCloseTo(oftenRead.odometer.read(end).cpuSeconds.steal, 9);
});

function aModel(seed = 'seed'): { readonly model: LoadModel; readonly clock: { now: number } } {
  const clock = { now: START_MS };
  return { clock, model: createLoadModel({ now: () => clock.now, seed }) };
}

function aGuest(model: LoadModel) {
  const odometer = createOdometer(model, 'guest', { hypervisor: 'hv0', bootMs: START_MS });
  const source = { hypervisor: 'hv0', availabilityZone: 'az1' };
  const pings = createPings(model, { source, answers: () => true });
  pings.retarget([PEER], START_MS);
  const render = (): string =>
    renderFamilies([
      ...nodeFamilies(odometer, 'guest', model.now()),
      ...exporterFamilies(odometer.read(model.now()), pings.read(model.now()), STATE),
    ]);
  return { odometer, pings, render };
}

function cpuAfterAnHour(change: Partial<Load>) {
  const { model, clock } = aModel();
  model.setLoad('hv0', change);
  clock.now += 3_600_000;
  const { cpuSeconds, writeSeconds, measurements } = aGuest(model).odometer.read(clock.now);
  const { steal, user, system, softirq } = cpuSeconds;
  const samples = measurements.writes.samples({});
  const count = (le: string): number => samples.find(({ labels }) => labels?.['le'] === le)?.value ?? 0;
  return {
    seconds: cpuSeconds,
    stolenShare: steal / (steal + user + system + softirq),
    burstsStolenShare: measurements.stolenSeconds / measurements.demandedSeconds,
    writeSeconds,
    slowWrites: count('+Inf') - count('0.05'),
  };
}

function pingsAfterAnHour(change: Partial<Load>, target = PEER) {
  const { model, clock } = aModel();
  model.setLoad('hv0', change);
  const { pings } = aGuest(model);
  pings.retarget([target], clock.now);
  clock.now += 3_600_000;
  const [peer] = pings.read(clock.now);
  const [sum = 0, count = 0] = (peer?.responses.samples({}) ?? []).slice(-2).map(({ value }) => value);
  return { meanSeconds: sum / count, answeredShare: count / (peer?.requests ?? 0) };
}

function afterSomeTime(seed: string): string {
  const { model, clock } = aModel(seed);
  const { render } = aGuest(model);
  clock.now += 123_456;
  model.setLoad('hv1', { load: 3 });
  clock.now += 123_456;
  return render();
}

function countersOf(metrics: string): Map<string, number> {
  const families = [...parseExposition(metrics).values()].filter(({ type }) => type !== 'gauge');
  const samples = families.flatMap((family) => family.samples);
  return new Map(samples.map(({ name, labels, value }) => [`${name}${JSON.stringify(labels)}`, value]));
}

function expectNestedBuckets(metrics: string): void {
  const family = parseExposition(metrics).get('innervisor_ping_rtt_seconds');
  const buckets = (family?.samples ?? []).filter(({ name }) => name.endsWith('_bucket'));
  const counts = buckets.map(({ value }) => value);
  expect(counts.length).toBe(7);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
}
