const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(?<count>[1-9][0-9]{0,4})(?<unit>[mhd])$/;
/** With its distance from UTC: a time that means something else on another machine is none. */
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?) ?(Z|[+-]\d\d:\d\d)$/;
const AHEAD_MS_MAX = 366 * 86_400_000;

/**
 * The end of something that begins now, as people give it: `90m`, `4h`, `2d`, or a time such as `2026-11-25T20:00Z`.
 *
 * @returns the time in ISO 8601, or what is wrong with it, as what follows "until".
 */
export function parseMoment(
  text: string,
  nowMs: number,
): { readonly at: string } | { readonly problem: string } {
  const untilMs = parseMs(text.trim(), nowMs);
  if (Number.isNaN(untilMs))
    return { problem: 'must be a duration such as 90m, 4h or 2d, or a time such as 2026-11-25T20:00Z' };
  if (untilMs <= nowMs) return { problem: 'must be in the future' };
  if (untilMs - nowMs > AHEAD_MS_MAX) return { problem: 'must be within a year' };
  return { at: new Date(untilMs).toISOString() };
}

function parseMs(text: string, nowMs: number): number {
  const duration = DURATION.exec(text)?.groups;
  if (duration !== undefined)
    return nowMs + Number(duration['count']) * UNIT_MS[duration['unit'] as keyof typeof UNIT_MS];
  const [, day = '', time = '', zone = ''] = TIME.exec(text) ?? [];
  return Date.parse(`${day}T${time}${zone}`);
}
