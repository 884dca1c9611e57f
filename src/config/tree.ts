import type { KeyPath } from './keys.ts';

/** A mapping as YAML gives it. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Whether a value is a mapping, not a list. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path, or `undefined`. Inherited properties don't count. */
export function valueAt(tree: unknown, path: KeyPath): unknown {
  let value = tree;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}

/** Mappings merge, key by key; lists and scalars of `specific` replace those of `general`. */
export function mergeDeep(general: unknown, specific: unknown): unknown {
  if (specific === undefined) return general;
  if (!isMapping(general) || !isMapping(specific)) return specific;
  const keys = new Set([...Object.keys(general), ...Object.keys(specific)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, mergeDeep(valueAt(general, [key]), valueAt(specific, [key]))]),
  );
}

const DEPTH_MAX = 16;
const VALUES_MAX = 20_000;

/** What makes a tree unfit to be walked: too deep (a circle of aliases is), too large, or keys that JavaScript reads in its own way. */
export function findTreeFlaw(tree: unknown): string | undefined {
  let values = 0;
  function walk(value: unknown, depth: number): string | undefined {
    values += 1;
    if (depth > DEPTH_MAX) return `nested deeper than ${DEPTH_MAX} levels`;
    if (values > VALUES_MAX) return `holds more than ${VALUES_MAX} values`;
    if (typeof value !== 'object' || value === null) return undefined;
    if (Object.hasOwn(value, '__proto__')) return 'holds a key __proto__; remove it';
    for (const item of Object.values(value)) {
      const flaw = walk(item, depth + 1);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  }
  return walk(tree, 0);
}
