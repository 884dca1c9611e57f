const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(?<count>[1-9][0-9]{0,5})(?<unit>[smhd])$/;

/** What {@link parseDuration} takes, for the JSON Schema. */
export const DURATION_PATTERN = '^(0s|[1-9][0-9]{0,5}[smhd])$';

/** Milliseconds of `<n>s`, `<n>m`, `<n>h` or `<n>d`; also `0s`. `undefined` for any other text. */
export function parseDuration(text: string): number | undefined {
  if (text === '0s') return 0;
  const groups = DURATION.exec(text)?.groups;
  if (groups === undefined) return undefined;
  return Number(groups['count']) * UNIT_MS[groups['unit'] as keyof typeof UNIT_MS];
}
