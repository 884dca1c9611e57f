import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ensureTools } from '../../lab/tools/index.ts';
import { METRICS } from '../../src/telemetry/names.ts';

const FOLDER = new URL('../../examples/prometheus/', import.meta.url);
const RULES = 'innervisor-worker.rules.yaml';
const TESTS = 'innervisor-worker.test.yaml';

const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({ alert: z.string(), expr: z.string(), annotations: z.object({ runbook: z.string() }) }),
      ),
    }),
  ),
});
const Tests = z.object({
  tests: z.array(
    z.object({
      alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })),
    }),
  ),
});

let rules: z.output<typeof Rules>['groups'][number]['rules'];
beforeAll(async () => {
  const { groups } = Rules.parse(parse(await readFile(new URL(RULES, FOLDER), 'utf8')));
  rules = groups.flatMap((group) => group.rules);
});

async function promtool(...args: string[]): Promise<{ readonly code: number; readonly said: string }> {
  const { promtool: program } = await ensureTools(['promtool']);
  const child = spawn(program, args, { cwd: fileURLToPath(FOLDER) });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (said += part));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}

test('Prometheus takes the rules, and each fires when it should and not before', async () => {
  const checked = await promtool('check', 'rules', RULES);
  expect(checked.said).toContain('SUCCESS');

  const tested = await promtool('test', 'rules', TESTS);

  expect(tested).toMatchObject({ code: 0, said: expect.stringContaining('SUCCESS') });
});

test('each alert has a firing test and one in which it must not fire', async () => {
  const { tests } = Tests.parse(parse(await readFile(new URL(TESTS, FOLDER), 'utf8'), { merge: true }));
  const cases = tests.flatMap((one) => one.alert_rule_test);

  for (const { alert } of rules) {
    const own = cases.filter(({ alertname }) => alertname === alert);
    expect(
      own.some(({ exp_alerts: expected }) => expected.length > 0),
      `${alert} fires`,
    ).toBe(true);
    expect(
      own.some(({ exp_alerts: expected }) => expected.length === 0),
      `${alert} is quiet`,
    ).toBe(true);
  }
});

test('each alert has its section in docs/operations.md and asks for metrics that a worker has', async () => {
  const page = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const names: readonly string[] = Object.values(METRICS).map(({ name }) => name);

  for (const { alert, expr, annotations } of rules) {
    expect(page).toMatch(new RegExp(`^## ${alert}$`, 'm'));
    expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    for (const [metric] of expr.matchAll(/innervisor_\w+/g)) expect(names).toContain(metric);
  }
  const sections = [...page.matchAll(/^## (Innervisor\w+)$/gm)].map(([, alert]) => alert);
  expect(sections).toEqual(rules.map(({ alert }) => alert));
});
