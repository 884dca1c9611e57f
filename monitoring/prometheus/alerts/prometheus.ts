import type { AlertRule } from '../rule.ts';

/** Prometheus itself, as far as the probes depend on it. It must scrape itself for that. */
export const prometheusAlerts: readonly AlertRule[] = [
  {
    alert: 'InnervisorPrometheusReloadFailed',
    expr: 'prometheus_config_last_reload_successful == 0',
    for: '1m',
    severity: 'critical',
    scope: 'service',
    signal: 'prometheus',
    summary:
      'Prometheus {{ $labels.instance }} could not load its configuration and goes on with the one before',
    description: 'New rules and targets may not be in force. A restart of Prometheus would fail.',
    dashboard: 'innervisor-orchestrator',
  },
  {
    alert: 'InnervisorTargetsUnreadable',
    expr:
      'increase(prometheus_sd_file_read_errors_total[5m]) > 0\n' +
      'or increase(prometheus_sd_http_failures_total[5m]) > 0',
    for: '1m',
    severity: 'critical',
    scope: 'service',
    signal: 'prometheus',
    summary: 'Prometheus {{ $labels.instance }} could not read targets and goes on with those before',
    description: 'Probes that come and go are not seen while this lasts.',
    dashboard: 'innervisor-orchestrator',
  },
  {
    alert: 'InnervisorRulesFailing',
    expr:
      'sum without (rule_group) (increase(prometheus_rule_evaluation_failures_total{rule_group=~".*;innervisor-.*"}[5m])) > 0\n' +
      'or sum without (rule_group) (increase(prometheus_rule_group_iterations_missed_total{rule_group=~".*;innervisor-.*"}[5m])) > 0',
    for: '1m',
    severity: 'critical',
    scope: 'service',
    signal: 'prometheus',
    summary: 'Prometheus {{ $labels.instance }} cannot evaluate the rules of Innervisor, or not in time',
    description: 'Alerts may be late or missing.',
    dashboard: 'innervisor-orchestrator',
  },
];
