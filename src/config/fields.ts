import { z } from 'zod';

import { DURATION_PATTERN, parseDuration } from './duration.ts';

/** Longest text that any key takes, in characters. */
const TEXT_LENGTH_MAX = 1_024;
const LIST_LENGTH_MAX = 1_000;

/** Region and installation names: they become parts of tags (Nova allows no `,` or `/` in them) and ids. */
export const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
/** Longest name of a region or installation, in characters. */
export const NAME_LENGTH_MAX = 32;
/** What {@link NAME} asks for, in words. */
export const NAME_RULE = `must be at most ${NAME_LENGTH_MAX} characters of a-z, 0-9 and -, beginning and ending with a letter or digit`;

/** The message for a value of the wrong type, or for none; `rule` is what would be right. */
function wrongType(rule: string): z.core.$ZodErrorMap {
  return (issue) => (issue.input === undefined ? `missing; ${rule}` : `wrong type; ${rule}`);
}

/** Text that isn't empty; `rule` says what would be right. */
export function text(rule: string) {
  return z
    .string({ error: wrongType(rule) })
    .refine((value) => value.trim() !== '', { error: `empty; ${rule}`, abort: true })
    .refine((value) => value.length <= TEXT_LENGTH_MAX, {
      error: `longer than ${TEXT_LENGTH_MAX} characters; ${rule}`,
      abort: true,
    })
    .meta({ pattern: '\\S', maxLength: TEXT_LENGTH_MAX });
}

/** Text that a test must approve of. */
export function textThat(rule: string, test: (value: string) => boolean) {
  return text(rule).refine(test, { error: rule });
}

/** Text of a form, which editors check too. */
export function textLike(rule: string, form: RegExp) {
  return textThat(rule, (value) => form.test(value)).meta({ pattern: form.source });
}

/** The name of an installation. */
export function name(rule: string) {
  return textThat(
    `${rule}; it ${NAME_RULE}`,
    (value) => value.length <= NAME_LENGTH_MAX && NAME.test(value),
  ).meta({ pattern: NAME.source, maxLength: NAME_LENGTH_MAX });
}

/** A whole number within limits, in a unit. */
export function wholeNumber(limits: { readonly min: number; readonly max: number; readonly unit: string }) {
  const rule = `must be a whole number from ${limits.min} to ${limits.max} (${limits.unit})`;
  return z
    .number({ error: wrongType(rule) })
    .refine((value) => Number.isInteger(value) && value >= limits.min && value <= limits.max, {
      error: rule,
    })
    .meta({ type: 'integer', minimum: limits.min, maximum: limits.max });
}

/** A number within limits, in a unit; fractions are allowed. */
export function decimal(limits: { readonly min: number; readonly max: number; readonly unit: string }) {
  const rule = `must be a number from ${limits.min} to ${limits.max} (${limits.unit})`;
  return z
    .number({ error: wrongType(rule) })
    .refine((value) => value >= limits.min && value <= limits.max, { error: rule })
    .meta({ minimum: limits.min, maximum: limits.max });
}

/** True or false. */
export function flag() {
  return z.boolean({ error: wrongType('must be true or false') });
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: () => `must be one of ${words.join(', ')}` });
}

/** A list; `rule` says of what. */
export function list<Item extends z.ZodType>(item: Item, rule: string) {
  return z
    .array(item, { error: wrongType(`must be a list of ${rule}`) })
    .max(LIST_LENGTH_MAX, { error: `holds more than ${LIST_LENGTH_MAX} entries` });
}

/** A list that holds something. */
export function filledList<Item extends z.ZodType>(item: Item, rule: string) {
  return list(item, rule).min(1, { error: `empty; must be a list of ${rule}` });
}

/** An http(s) URL without user and password: nothing secret stands in this file. */
export function url(rule: string) {
  return text(rule)
    .refine((value) => ['http:', 'https:'].includes(URL.parse(value)?.protocol ?? ''), {
      error: `not an http:// or https:// URL; ${rule}`,
      abort: true,
    })
    .refine((value) => URL.parse(value)?.username === '' && URL.parse(value)?.password === '', {
      error: 'holds a user or password; nothing secret may stand in this file: take them out of the URL',
    })
    .meta({ pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@]+([/?#].*)?$' });
}

/** A path that means the same wherever the worker was started. */
export function absolutePath(rule: string) {
  return textLike(`must be an absolute path; ${rule}`, /^\//);
}

/** A duration such as `10m`, as milliseconds. */
export function duration() {
  const rule = 'must be a duration such as 30s, 10m, 6h or 1d';
  return z
    .string({ error: wrongType(rule) })
    .meta({ pattern: DURATION_PATTERN })
    .transform((value, context) => {
      const durationMs = parseDuration(value);
      if (durationMs !== undefined) return durationMs;
      context.issues.push({ code: 'custom', message: rule, input: value });
      return z.NEVER;
    });
}

/**
 * A mapping that takes only these keys. For unknown keys the message is the list of known ones, as JSON, from which
 * the finding's own message is made (see `issues.ts`): zod reports all unknown keys of a mapping as one issue.
 */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape, rule = 'must be a mapping') {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? JSON.stringify(Object.keys(shape)) : wrongType(rule)(issue),
  });
}

/** Makes a mapping that may be left out whole; then each key that it needs is reported on its own. */
export function section<Schema extends z.ZodType>(schema: Schema) {
  return schema.prefault({} as z.input<Schema>);
}
