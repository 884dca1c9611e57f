import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/await.ts';
import { answerTo, askPrometheus, findEmpty, type Values } from './support/ask.ts';
import { labelValuesOf, questionsOf, readDashboards, substitute } from './support/dashboardQueries.ts';
import { startWatchedLab, type WatchedLab } from './support/watchedLab.ts';

const HYPERVISORS = 6;
/** Two minutes until what a probe measures counts, and as much again on a busy machine. */
const PATIENCE_MS = 420_000;
const START_MS = 540_000;

/** What may have no answer, and why. Everything else must have one. */
const MAY_BE_EMPTY: Readonly<Record<string, string>> = {
  'innervisor-orchestrator / Steps that failed / A': 'no step fails in a pass that converges',
};

const DASHBOARDS = readDashboards();
const QUESTIONS = DASHBOARDS.flatMap(questionsOf);
const ANSWERED = QUESTIONS.filter(({ place }) => !(place in MAY_BE_EMPTY));

let lab: WatchedLab;
let url: string;
let hypervisors: readonly string[];
let sick: string;
/** As when one hypervisor is chosen, and all else is left as it is. */
let values: Values;

/** One hypervisor is overloaded, slow and lossy, so that what is recorded of faults is there too. */
beforeAll(async () => {
  lab = await startWatchedLab(HYPERVISORS);
  url = lab.stack.prometheus.url;
  const { code, stderr } = await lab.stack.innervisor(['reconcile', lab.region, '--output', 'json']);
  expect(code, stderr).toBe(0);
  hypervisors = lab.hypervisors();
  sick = hypervisors[2] ?? '';
  lab.model.setLoad(sick, { load: 4, diskLatencyMs: 400, networkLatencyMs: 40, networkLoss: 0.3 });
  values = {
    region: lab.region,
    zone: '.*',
    hypervisor: sick,
    worst: '50',
    __rate_interval: '1m',
    __range: '5m',
  };
}, START_MS);
afterAll(() => lab[Symbol.asyncDispose]());

test('what may be empty is still there', () => {
  expect(QUESTIONS.map(({ place }) => place)).toEqual(expect.arrayContaining(Object.keys(MAY_BE_EMPTY)));
});

test(
  'every question of every dashboard has an answer',
  async () => {
    expect(ANSWERED.length).toBeGreaterThan(100);

    // A scrape that fails on a busy machine leaves a gap, so each is asked until it was answered once.
    let empty = ANSWERED;
    await eventually(
      async () => {
        const places = await findEmpty(url, empty, values);
        empty = empty.filter(({ place }) => places.includes(place));
        expect(places).toEqual([]);
        return true;
      },
      { timeoutMs: PATIENCE_MS, intervalMs: 5_000, describe: 'all are answered' },
    );
  },
  PATIENCE_MS + 60_000,
);

test('a question about series that nobody makes has none', async () => {
  const wrong = ANSWERED.filter(({ expr }) => expr.startsWith('max(innervisor')).map((question) => ({
    ...question,
    expr: question.expr.replace('innervisor', 'innovisor'),
  }));
  expect(wrong.length).toBeGreaterThan(5);

  expect(await findEmpty(url, wrong, values)).toEqual(wrong.map(({ place }) => place));
});

test('each variable has its values, by those before it', async () => {
  const wanted: Readonly<Record<string, readonly string[]>> = {
    region: [lab.region],
    zone: ['zone-a', 'zone-b'],
    hypervisor: hypervisors,
  };
  for (const { uid, templating } of DASHBOARDS)
    for (const { name, query } of templating.list.filter(({ type }) => type === 'query')) {
      const text = substitute(typeof query === 'string' ? query : query.query, values);
      const { series, label } = labelValuesOf(text);

      expect(
        await askPrometheus(url, `label/${label}/values`, { 'match[]': series }),
        `${name} of ${uid}`,
      ).toEqual(wanted[name]);
    }
});

test('the sick hypervisor comes first, of those that were chosen', async () => {
  const cells = QUESTIONS.find(({ place }) => place.includes('How near to a limit'));
  if (cells === undefined) throw new Error('the region has no cells');
  const others = hypervisors.filter((name) => name !== sick).slice(0, 2);

  await eventually(
    async () => {
      const all = await answerTo(url, cells, { ...values, hypervisor: '.*' });
      const some = await answerTo(url, cells, { ...values, hypervisor: `(${others.join('|')})` });

      expect(all).toHaveLength(HYPERVISORS);
      expect(all[0]?.metric['hypervisor']).toBe(sick);
      expect(Number(all[0]?.value?.[1])).toBeGreaterThan(1);
      expect(some.map(({ metric }) => metric['hypervisor']).toSorted()).toEqual(others);
      return true;
    },
    { timeoutMs: 60_000, intervalMs: 1_000, describe: 'the cells are in order' },
  );
});
