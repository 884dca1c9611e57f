/** The types of metrics that our exporters serve. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

/** One line of a metric family. */
export interface Sample {
  /** What is added to the family's name: `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All lines of one metric. */
export interface Family {
  readonly name: string;
  readonly type: MetricType;
  /** Left out where the real one has none. */
  readonly help?: string;
  readonly samples: readonly Sample[];
}

/** The media type of {@link renderFamilies}. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Renders metrics in Prometheus's text format; a family without a sample is left out, as real exporters do.
 * See https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function renderFamilies(families: readonly Family[]): string {
  const lines: string[] = [];
  for (const { name, type, help, samples } of families) {
    if (samples.length === 0) continue;
    if (help !== undefined) lines.push(`# HELP ${name} ${escape(help)}`);
    lines.push(`# TYPE ${name} ${type}`);
    for (const { suffix = '', labels, value } of samples) {
      lines.push(`${name}${suffix}${renderLabels(labels)} ${renderValue(value)}`);
    }
  }
  lines.push('');
  return lines.join('\n');
}

/** One counter or gauge without labels. */
export function single(name: string, type: 'counter' | 'gauge', help: string, value: number): Family {
  return { name, type, help, samples: [{ value }] };
}

function renderLabels(labels: Readonly<Record<string, string>> | undefined): string {
  if (labels === undefined) return '';
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function renderValue(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeValue(text: string): string {
  // Nearly all are addresses and names: look before the costly way, thousands of lines a second pass here.
  return /["\\\n]/.test(text) ? escape(text).replaceAll('"', '\\"') : text;
}
