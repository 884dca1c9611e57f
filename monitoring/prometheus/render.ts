import { Document, isMap, isSeq } from 'yaml';
import { PROBE_GROUPS, WORKER_GROUPS } from './groups.ts';
import type { AlertRule, Dashboard, RecordingRule, RuleGroup } from './rule.ts';
import { thresholdRules, type RegionPolicy } from './thresholds.ts';

/** Where the links of the alerts lead. */
export interface RuleLinks {
  /** Before the name of a page, such as `https://wiki.example.net/innervisor/`. */
  readonly runbooks: string;
  /** Base URL of Grafana without a slash at its end; empty for links that begin at its root. */
  readonly grafana: string;
}

/** What the rules of an installation depend on. */
export interface RuleSettings {
  readonly regions: Readonly<Record<string, RegionPolicy>>;
  readonly links: RuleLinks;
}

/** The pages of this repository, and Grafana's own paths. */
export const DEFAULT_LINKS: RuleLinks = { runbooks: 'docs/runbooks/', grafana: '' };

/** The rules that every installation can begin with. */
export const GENERIC: RuleSettings = { regions: {}, links: DEFAULT_LINKS };

/** A rules file of Prometheus. */
export interface RulesFile {
  readonly name: string;
  readonly text: string;
}

const HEAD = {
  probes: `What the probes measure, and the alerts on it. Made by \`innervisor rules\`: change the thresholds in innervisor.yaml, not here.
Needs Prometheus 2.42, a scrape interval of at most 20 s and an evaluation interval of 15 s.`,
  worker: `Alerts on Innervisor itself. Made by \`innervisor rules\`. Takes the workers to be scraped by a job called innervisor-worker.`,
};

/** The rules files of an installation: the probes' own, and those about the workers. */
export function renderRuleFiles(settings: RuleSettings): readonly RulesFile[] {
  return [
    { name: 'innervisor.rules.yaml', text: renderRules(probeGroups(settings), settings.links, HEAD.probes) },
    { name: 'innervisor-worker.rules.yaml', text: renderRules(WORKER_GROUPS, settings.links, HEAD.worker) },
  ];
}

/** All rules as one file, for a Prometheus that scrapes probes and workers. */
export function renderAllRules(settings: RuleSettings): string {
  return renderRules([...probeGroups(settings), ...WORKER_GROUPS], settings.links, HEAD.probes);
}

/** Every alert, in the order of the files. */
export function listAlerts(): readonly AlertRule[] {
  return [...PROBE_GROUPS, ...WORKER_GROUPS].flatMap((group) => group.alerts);
}

function probeGroups({ regions }: RuleSettings): readonly RuleGroup[] {
  return [{ name: 'innervisor-thresholds', recording: thresholdRules(regions), alerts: [] }, ...PROBE_GROUPS];
}

function renderRules(groups: readonly RuleGroup[], links: RuleLinks, head: string): string {
  const document = new Document({
    groups: groups.map(({ name, interval, recording, alerts }) => ({
      name,
      ...(interval === undefined ? {} : { interval }),
      rules: [...recording.map(recordingNode), ...alerts.map((alert) => alertNode(alert, links))],
    })),
  });
  document.commentBefore = head
    .split('\n')
    .map((line) => ` ${line}`)
    .join('\n');
  groups.forEach(({ recording }, group) => {
    recording.forEach(({ meaning }, rule) => {
      const rules = document.getIn(['groups', group, 'rules'], true);
      const node = isSeq(rules) ? rules.items[rule] : undefined;
      if (isMap(node)) node.commentBefore = ` ${meaning}`;
    });
  });
  return document.toString({ lineWidth: 0 });
}

function recordingNode({ record, expr, labels }: RecordingRule): object {
  return { record, expr, ...(labels === undefined ? {} : { labels }) };
}

function alertNode(rule: AlertRule, links: RuleLinks): object {
  const { alert, expr, keepFiringFor, severity, scope, signal, labels = {}, summary, description } = rule;
  return {
    alert,
    expr,
    for: rule.for,
    ...(keepFiringFor === undefined ? {} : { keep_firing_for: keepFiringFor }),
    labels: { severity, scope, signal, ...labels },
    annotations: {
      summary,
      description,
      runbook_url: `${links.runbooks}${alert}.md`,
      dashboard_url: `${links.grafana}${dashboardPath(rule)}`,
    },
  };
}

/** With the variables that the alert has labels for; the others are empty, which means all. */
function dashboardPath({ dashboard, scope }: AlertRule): string {
  const id: Dashboard = dashboard ?? (scope === 'hypervisor' ? 'innervisor-hypervisor' : 'innervisor-region');
  const variables = [['region', 'region'], ...(VARIABLES[scope] ?? [])]
    .map(([name, label]) => `var-${name}={{ $labels.${label} | urlquery }}`)
    .join('&');
  return scope === 'service' ? `/d/${id}` : `/d/${id}?${variables}`;
}

const VARIABLES: Partial<Record<AlertRule['scope'], readonly (readonly [string, string])[]>> = {
  zone: [['zone', 'availability_zone']],
  hypervisor: [
    ['zone', 'availability_zone'],
    ['hypervisor', 'hypervisor'],
  ],
  pair: [['hypervisor', 'hypervisor']],
};
