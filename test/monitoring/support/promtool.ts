import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { ensureTools } from '../../../lab/tools/index.ts';
import {
  GENERIC,
  listAlerts,
  renderAllRules,
  type RuleSettings,
} from '../../../monitoring/prometheus/render.ts';
import { STEP_SECONDS, type TestRegion } from './region.ts';
import { probeLabels, renderSeries, type Series } from './series.ts';

type Labels = Readonly<Record<string, string>>;

/** An alert that must fire. */
export interface Firing {
  readonly alert: string;
  readonly labels: Labels;
  readonly summary: string;
}

/** What must fire at which time, such as `4m`; every other alert must be silent then. */
export type Expectation = Readonly<Record<string, readonly Firing[]>>;

const Rules = z.looseObject({
  groups: z.array(
    z.looseObject({
      name: z.string(),
      rules: z.array(z.looseObject({ annotations: z.looseObject({ summary: z.string() }).optional() })),
    }),
  ),
});

/** An alert about one probe, with the labels that it must have. */
export function onProbe(
  region: TestRegion,
  name: string,
  alert: string,
  summary: string,
  more: Labels = {},
): Firing {
  return { alert, summary, labels: { ...probeLabels(region, name), ...more } };
}

/** An alert about a zone of the region. */
export function onZone(
  region: TestRegion,
  zone: string,
  alert: string,
  summary: string,
  more: Labels = {},
): Firing {
  return { alert, summary, labels: { region: region.name, availability_zone: zone, ...more } };
}

/** An alert about the region. */
export function onRegion(region: TestRegion, alert: string, summary: string, more: Labels = {}): Firing {
  return { alert, summary, labels: { region: region.name, ...more } };
}

/** Lets Prometheus' own tool evaluate all rules over the region's life and compares all alerts with what is expected. */
export async function expectAlerts(
  region: TestRegion,
  at: Expectation,
  settings?: RuleSettings,
): Promise<void> {
  await expectAlertsOf(renderSeries(region), at, settings);
}

/** The same over any series. */
export async function expectAlertsOf(
  series: readonly Series[],
  at: Expectation,
  settings: RuleSettings = GENERIC,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-rules-'));
  try {
    const rules = withoutLinks(renderAllRules(settings));
    await writeFile(join(folder, 'rules.yaml'), stringify(rules));
    const test = {
      rule_files: ['rules.yaml'],
      evaluation_interval: `${STEP_SECONDS}s`,
      group_eval_order: rules.groups.map(({ name }) => name),
      tests: [{ interval: `${STEP_SECONDS}s`, input_series: series, alert_rule_test: casesOf(at) }],
    };
    await writeFile(join(folder, 'test.yaml'), stringify(test));
    expect(await runPromtool(['test', 'rules', 'test.yaml'], folder)).toEqual({
      code: 0,
      said: expect.stringContaining('SUCCESS'),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Every alert at every time: those that aren't expected must be silent. */
function casesOf(at: Expectation): readonly object[] {
  return Object.entries(at).flatMap(([time, firing]) =>
    listAlerts().map(({ alert, severity, scope, signal, labels }) => ({
      eval_time: time,
      alertname: alert,
      exp_alerts: firing
        .filter((one) => one.alert === alert)
        .map((one) => ({
          exp_labels: { severity, scope, signal, ...labels, ...one.labels },
          exp_annotations: { summary: one.summary },
        })),
    })),
  );
}

/** promtool compares every annotation; what only links is tested where it is made. */
function withoutLinks(text: string): z.output<typeof Rules> {
  const { groups } = Rules.parse(parse(text));
  return {
    groups: groups.map((group) => ({
      ...group,
      rules: group.rules.map(({ annotations, ...rule }) =>
        annotations === undefined ? rule : { ...rule, annotations: { summary: annotations.summary } },
      ),
    })),
  };
}

/** Runs promtool and gives all that it says. */
export async function runPromtool(
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number; readonly said: string }> {
  const { promtool } = await ensureTools(['promtool']);
  const child = spawn(promtool, args, { cwd });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (said += part));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}
