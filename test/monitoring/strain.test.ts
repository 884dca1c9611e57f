import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { GENERIC, renderAllRules } from '../../monitoring/prometheus/render.ts';
import { runPromtool } from './support/promtool.ts';
import { STEP_SECONDS, TestRegion } from './support/region.ts';
import { renderSeries } from './support/series.ts';

/** What expressions must give eight minutes after the region's begin: a number for each set of labels. */
async function expectNumbers(
  region: TestRegion,
  wanted: Readonly<Record<string, Readonly<Record<string, number>>>>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-rules-'));
  try {
    const text = renderAllRules(GENERIC);
    const { groups } = parse(text) as { readonly groups: readonly { readonly name: string }[] };
    await writeFile(join(folder, 'rules.yaml'), text);
    const cases = Object.entries(wanted).map(([expr, samples]) => ({
      expr,
      eval_time: '8m',
      exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
    }));
    const test = {
      rule_files: ['rules.yaml'],
      evaluation_interval: `${STEP_SECONDS}s`,
      group_eval_order: groups.map(({ name }) => name),
      tests: [{ interval: `${STEP_SECONDS}s`, input_series: renderSeries(region), promql_expr_test: cases }],
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

test('strain is the worst signal over its limit, and near nothing where all is well', async () => {
  const region = new TestRegion({ a: 3, b: 3 }, 9)
    .set(['a1'], { from: 3 }, { stolenShare: 0.5 })
    .set(['b1'], { from: 3 }, { publicLoss: (target) => (target === '192.0.2.1' ? 0.5 : 0) });

  await expectNumbers(region, {
    'round(innervisor:strain:worst{hypervisor="a1"}, 0.1)': {
      '{availability_zone="a",hypervisor="a1",region="lab"}': 2.5,
    },
    // One target of three is two thirds of the way to most of them.
    'round(innervisor:strain:signal{hypervisor="b1",signal="public_loss"}, 0.01)': {
      '{availability_zone="b",hypervisor="b1",region="lab",signal="public_loss"}': 0.67,
    },
    'count(innervisor:strain:worst < 0.3)': { '{}': 4 },
    'count by (signal) (innervisor:strain:signal)': {
      '{signal="disk"}': 6,
      '{signal="mesh_loss"}': 6,
      '{signal="mesh_rtt"}': 6,
      '{signal="public_loss"}': 6,
      '{signal="public_rtt"}': 6,
      '{signal="steal"}': 6,
    },
  });
});

test('a disk that is stuck is over its limit, though none of its operations was slow', async () => {
  const region = new TestRegion({ a: 4 }, 9).set(['a1'], { from: 3 }, { operationsPerSecond: 0 });

  await expectNumbers(region, {
    'innervisor:strain:signal{signal="disk"} >= 1': {
      'innervisor:strain:signal{availability_zone="a",hypervisor="a1",region="lab",signal="disk"}': 1,
    },
  });
});

test('the band of a region lies around its median', async () => {
  const region = new TestRegion({ a: 5 }, 9).set(['a1'], { from: 3 }, { stolenShare: 0.5 });

  await expectNumbers(region, {
    'round(innervisor:steal_share:region_p10, 0.01)': { '{region="lab"}': 0.01 },
    'round(innervisor:steal_share:region_median, 0.01)': { '{region="lab"}': 0.01 },
    // Between the fourth and the fifth of five.
    'round(innervisor:steal_share:region_p90, 0.01)': { '{region="lab"}': 0.3 },
  });
});
