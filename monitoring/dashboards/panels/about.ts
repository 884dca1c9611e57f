import type { Threshold, ThresholdsConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from '../variables.ts';

/** Columns of a dashboard. */
export const FULL_WIDTH = 24;

/** From which value on something deserves a look, and from which on it is bad. */
export type Levels = readonly Threshold[];

/** What every panel says of itself. */
export interface About {
  readonly title: string;
  /** What it shows and what is bad, in words. */
  readonly description: string;
  /** Grafana's id of the unit, see the SDK's `units`. */
  readonly unit: string;
  /** Out of {@link FULL_WIDTH}. */
  readonly width: number;
  /** In rows of 30 pixels. */
  readonly height: number;
  /** Without them nothing in it is good or bad by itself. */
  readonly levels?: Levels;
  readonly decimals?: number;
}

/** More is worse. */
export function rising(amber: number, red: number): Levels {
  return [
    { value: null, color: 'green' },
    { value: amber, color: 'orange' },
    { value: red, color: 'red' },
  ];
}

/** Less than this is bad. */
export function atLeast(good: number): Levels {
  return [
    { value: null, color: 'red' },
    { value: good, color: 'green' },
  ];
}

/** Any at all is bad. */
export function none(color: 'orange' | 'red' = 'red'): Levels {
  return [
    { value: null, color: 'green' },
    { value: 1, color },
  ];
}

/** Neither good nor bad. */
const NEUTRAL: Levels = [{ value: null, color: 'text' }];

/** Levels as Grafana wants them. */
export function thresholdsOf(levels: Levels = NEUTRAL): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...levels]);
}

/** What the builders of all kinds of panels have in common. */
interface PanelBuilder {
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  datasource(source: typeof DATASOURCE): this;
  span(columns: number): this;
  height(rows: number): this;
  thresholds(thresholds: { build(): ThresholdsConfig }): this;
  decimals(decimals: number): this;
}

/** Gives a panel all that every panel has. */
export function describe<Builder extends PanelBuilder>(builder: Builder, about: About): Builder {
  const { title, description, unit, width, height, levels, decimals } = about;
  if (decimals !== undefined) builder.decimals(decimals);
  return builder
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATASOURCE)
    .span(width)
    .height(height)
    .thresholds(thresholdsOf(levels));
}
