/** Times that begin at `start` and come every `step` until `end`. */
export interface CronRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The times that a cron line names; days of the week are counted from Sunday, which is 0. */
export interface CronTimes {
  readonly minute: readonly CronRange[];
  readonly hour: readonly CronRange[];
  readonly dayOfMonth: readonly CronRange[];
  readonly month: readonly CronRange[];
  readonly dayOfWeek: readonly CronRange[];
  /** The shortest time between two of them, in ms; a day for those of which there is one a day or fewer. */
  readonly shortestMs: number;
}

interface Field {
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const FIELDS = {
  minute: { min: 0, max: 59 },
  hour: { min: 0, max: 23 },
  dayOfMonth: { min: 1, max: 31 },
  month: { min: 1, max: 12, names: MONTHS },
  // Sunday may also be 7, as in cron itself.
  dayOfWeek: { min: 0, max: 7, names: DAYS },
} as const satisfies Record<string, Field>;
const NAMES = Object.keys(FIELDS) as (keyof typeof FIELDS)[];

const ITEM = /^(?:\*|(?<first>[a-z0-9]+)(?:-(?<last>[a-z0-9]+))?)(?:\/(?<step>[1-9][0-9]?))?$/;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/**
 * Parses a cron line of five fields: numbers, names of months and days, lists, ranges and steps. `undefined` for any
 * other text, and for a line that names both days of the month and days of the week: cron runs on either, and Temporal
 * on what is both.
 */
export function parseCron(line: string): CronTimes | undefined {
  const texts = line.trim().toLowerCase().split(/\s+/);
  if (texts.length !== NAMES.length) return undefined;
  const values = NAMES.map((name, index) => parseField(texts[index] ?? '', FIELDS[name]));
  const [minute, hour, dayOfMonth, month, dayOfWeek] = values;
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek) return undefined;
  const days = [...new Set(dayOfWeek.map((day) => day % 7))].toSorted((a, b) => a - b);
  if (dayOfMonth.length < 31 && days.length < 7) return undefined;
  return {
    minute: compress(minute),
    hour: compress(hour),
    dayOfMonth: compress(dayOfMonth),
    month: compress(month),
    dayOfWeek: compress(days),
    shortestMs: findShortest(hour, minute) * MINUTE_MS,
  };
}

/** All values that a field names, sorted. */
function parseField(text: string, field: Field): readonly number[] | undefined {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const groups = ITEM.exec(item)?.groups;
    if (groups === undefined) return undefined;
    const first = groups['first'] === undefined ? field.min : parseValue(groups['first'], field);
    const last = parseLast(groups, field, first);
    if (first === undefined || last === undefined || last < first) return undefined;
    for (let value = first; value <= last; value += Number(groups['step'] ?? 1)) values.add(value);
  }
  return [...values].toSorted((a, b) => a - b);
}

/** `5` ends at 5, and `5/10` where the field does. */
function parseLast(
  { first: word, last, step }: Readonly<Record<string, string | undefined>>,
  field: Field,
  first: number | undefined,
): number | undefined {
  if (last !== undefined) return parseValue(last, field);
  const isOpen = word === undefined || step !== undefined;
  // A week that is open at its end has seven days, though Sunday has two numbers.
  return isOpen ? Math.min(field.max, field.names === DAYS ? 6 : field.max) : first;
}

function parseValue(word: string, { min, max, names = [] }: Field): number | undefined {
  const named = names.indexOf(word);
  const value = named >= 0 ? named + min : /^[0-9]{1,2}$/.test(word) ? Number(word) : NaN;
  return value >= min && value <= max ? value : undefined;
}

/** As few ranges as say the same; values are sorted. */
function compress(values: readonly number[]): readonly CronRange[] {
  const [start = 0, second] = values;
  const step = second === undefined ? 1 : second - start;
  const isEven = values.every((value, index) => value === start + index * step);
  if (isEven && (values.length > 2 || step === 1)) return [{ start, end: values.at(-1) ?? start, step }];
  const ranges: CronRange[] = [];
  for (const value of values) {
    const last = ranges.at(-1);
    if (last !== undefined && value === last.end + 1) ranges[ranges.length - 1] = { ...last, end: value };
    else ranges.push({ start: value, end: value, step: 1 });
  }
  return ranges;
}

/** In minutes, over midnight too. */
function findShortest(hours: readonly number[], minutes: readonly number[]): number {
  const times = hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
  const gaps = times.map((time, index) => (times[index + 1] ?? (times[0] ?? 0) + DAY_MINUTES) - time);
  return Math.min(...gaps);
}
