import { test } from 'vitest';
import { expectAlertsOf } from './support/promtool.ts';

const ALIVE = { series: 'up{job="innervisor-worker",instance="w1"}', values: '1x60' };
const PROM = { job: 'prometheus', instance: 'p1' };
const labels = (more: string) => `{job="prometheus",instance="p1"${more}}`;

test('a configuration that Prometheus does not take', async () => {
  const series = { series: `prometheus_config_last_reload_successful${labels('')}`, values: '1x20 0x20' };

  await expectAlertsOf([ALIVE, series], {
    '5m': [],
    '8m': [
      {
        alert: 'InnervisorPrometheusReloadFailed',
        labels: PROM,
        summary: 'Prometheus p1 could not load its configuration and goes on with the one before',
      },
    ],
  });
});

test.each([
  ['prometheus_sd_file_read_errors_total', ''],
  ['prometheus_sd_http_failures_total', ',config="innervisor"'],
])('targets that cannot be read, by %s', async (name, more) => {
  const series = { series: `${name}${labels(more)}`, values: '0x20 1+1x20' };

  await expectAlertsOf([ALIVE, series], {
    '5m': [],
    '8m': [
      {
        alert: 'InnervisorTargetsUnreadable',
        labels: more === '' ? PROM : { ...PROM, config: 'innervisor' },
        summary: 'Prometheus p1 could not read targets and goes on with those before',
      },
    ],
  });
});

test.each(['prometheus_rule_evaluation_failures_total', 'prometheus_rule_group_iterations_missed_total'])(
  'rules that are not evaluated, by %s',
  async (name) => {
    const series = ['innervisor-mesh', 'foreign'].map((group) => ({
      series: `${name}${labels(`,rule_group="/etc/prometheus/rules/${group}.yaml;${group}"`)}`,
      values: '0x20 1+1x20',
    }));

    await expectAlertsOf([ALIVE, ...series], {
      '5m': [],
      '8m': [
        {
          alert: 'InnervisorRulesFailing',
          labels: PROM,
          summary: 'Prometheus p1 cannot evaluate the rules of Innervisor, or not in time',
        },
      ],
    });
    await expectAlertsOf([ALIVE, ...series.slice(1)], { '8m': [] });
  },
);
