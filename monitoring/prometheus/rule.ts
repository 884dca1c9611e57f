/** One recording rule. */
export interface RecordingRule {
  /** Name of the series, `innervisor:…`. */
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** What the series says, as a sentence for those who read the written rules. */
  readonly meaning: string;
}

/** What an alert is about; wider ones silence narrower ones of the same signal. */
export type Scope = 'pair' | 'hypervisor' | 'zone' | 'region' | 'service';

/** What was measured. */
export type Signal = 'probe' | 'agent' | 'steal' | 'disk' | 'mesh' | 'public' | 'prometheus' | 'orchestrator';

/** One alert, before it is written for an installation with its links. */
export interface AlertRule {
  /** `Innervisor…`; also the name of its page under docs/runbooks. */
  readonly alert: string;
  readonly expr: string;
  /** For how long it must hold, such as `30s`. */
  readonly for: string;
  /** For how long it goes on after it has ceased to hold, so that it doesn't flap. */
  readonly keepFiringFor?: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly scope: Scope;
  readonly signal: Signal;
  readonly labels?: Readonly<Record<string, string>>;
  /** One line for a person at night, as a template of Prometheus. */
  readonly summary: string;
  /** What it means for the machines there, and what it is not. */
  readonly description: string;
  /** Where to look; by default what fits the scope. */
  readonly dashboard?: Dashboard;
}

/** Our dashboards, by their ids in Grafana. */
export type Dashboard =
  'innervisor-region' | 'innervisor-hypervisor' | 'innervisor-mesh' | 'innervisor-orchestrator';

/** Rules that Prometheus evaluates one after the other, so that each sees what those before it have just recorded. */
export interface RuleGroup {
  readonly name: string;
  /** Left out: Prometheus' own `evaluation_interval`. */
  readonly interval?: string;
  readonly recording: readonly RecordingRule[];
  readonly alerts: readonly AlertRule[];
}
