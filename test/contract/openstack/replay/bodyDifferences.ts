import { VARYING } from './varying.ts';

type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

/** How two bodies are compared. */
export interface BodyRules {
  readonly normalText: (text: string) => string;
  /** Paths, such as `server.host_status`, that are left alone together with what is below them. */
  readonly exempt: readonly string[];
}

/**
 * Where an answer's body isn't as the recorded one: one line each, none when it is.
 *
 * Objects have the same keys and types, and their scalars the same values once ids, hosts, addresses and
 * times are made equal. Lists are compared by what their elements have in common, however many there are; what is the same in
 * all recorded elements must be the same in all.
 */
export function bodyDifferences(recorded: Json, actual: Json, rules: BodyRules): readonly string[] {
  return compare([recorded], [actual], '', rules);
}

function compare(
  recorded: readonly Json[],
  actual: readonly Json[],
  path: string,
  rules: BodyRules,
): string[] {
  if (rules.exempt.includes(path)) return [];
  const expectedKinds = new Set(recorded.map(kindOf));
  const strange = [...new Set(actual.map(kindOf))].filter((kind) => !expectedKinds.has(kind));
  if (strange.length > 0)
    return [
      `${path}: ${[...expectedKinds].join(' or ')} expected, got ${strange.join(', ')} ${excerpt(actual)}`,
    ];
  return [
    ...compareObjects(recorded.filter(isObject), actual.filter(isObject), path, rules),
    ...compareLists(recorded.filter(isList), actual.filter(isList), path, rules),
    ...compareScalars(recorded.filter(isScalar), actual.filter(isScalar), path, rules),
  ];
}

function compareObjects(
  recorded: readonly JsonObject[],
  actual: readonly JsonObject[],
  path: string,
  rules: BodyRules,
): string[] {
  if (recorded.length === 0 || actual.length === 0) return [];
  const named = [recorded, actual].map((objects) => objects.map((object) => byNormalKey(object, rules)));
  const [expected = [], got = []] = named;
  const keys = new Set([...expected, ...got].flatMap((object) => [...object.keys()]));
  return [...keys].flatMap((key) => {
    const at = path === '' ? key : `${path}.${key}`;
    if (rules.exempt.includes(at)) return [];
    const [wanted, seen] = [expected, got].map((objects) =>
      objects.flatMap((object) => object.get(key) ?? []),
    ) as [Json[], Json[]];
    const isRequired = expected.every((object) => object.has(key));
    if (wanted.length === 0) return [`${at}: not in the recording, got ${excerpt(seen)}`];
    if (isRequired && !got.every((object) => object.has(key))) return [`${at}: missing`];
    return seen.length === 0 ? [] : compare(wanted, seen, at, rules);
  });
}

function compareLists(
  recorded: readonly (readonly Json[])[],
  actual: readonly (readonly Json[])[],
  path: string,
  rules: BodyRules,
): string[] {
  if (recorded.length === 0 || actual.length === 0) return [];
  const [wanted, seen] = [recorded.flat(), actual.flat()];
  if (wanted.length === 0)
    return seen.length === 0 ? [] : [`${path}: an empty list expected, got ${excerpt(seen)}`];
  if (seen.length === 0)
    return recorded.some((list) => list.length === 0) ? [] : [`${path}: empty, expected ${excerpt(wanted)}`];
  if (recorded.length === 1 && actual.length === 1 && wanted.every(isScalar)) {
    return compareScalars([asSet(wanted, rules)], [asSet(seen, rules)], path, rules);
  }
  return compare(wanted, seen, `${path}[]`, rules);
}

function compareScalars(
  recorded: readonly Json[],
  actual: readonly Json[],
  path: string,
  rules: BodyRules,
): string[] {
  if (actual.length === 0 || mayVary(path)) return [];
  const wanted = new Set(recorded.map((value) => normalValue(value, rules)));
  const isFixed = wanted.size === 1 && (recorded.length > 1 || actual.length === 1);
  const strange = isFixed ? actual.filter((value) => !wanted.has(normalValue(value, rules))) : [];
  return strange.length === 0 ? [] : [`${path}: ${excerpt([...wanted])} expected, got ${excerpt(strange)}`];
}

/** A field may vary everywhere, by its name, or at one place, by its path without brackets. */
function mayVary(path: string): boolean {
  const place = path.replaceAll('[]', '');
  return Object.hasOwn(VARYING, place) || Object.hasOwn(VARYING, place.split('.').at(-1) ?? '');
}

/** An object whose keys are ids or hosts is a map: its values stand under one key. */
function byNormalKey(object: JsonObject, { normalText }: BodyRules): ReadonlyMap<string, Json[]> {
  const values = new Map<string, Json[]>();
  for (const [key, value] of Object.entries(object)) {
    values.set(normalText(key), [...(values.get(normalText(key)) ?? []), value]);
  }
  return values;
}

function asSet(values: readonly Json[], rules: BodyRules): string {
  return [...new Set(values.map((value) => String(normalValue(value, rules))))].toSorted().join(', ');
}

function normalValue(value: Json, { normalText }: BodyRules): Json {
  return typeof value === 'string' ? normalText(value) : value;
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

function isObject(value: Json): value is JsonObject {
  return kindOf(value) === 'object';
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isScalar(value: Json): boolean {
  return !isObject(value) && !isList(value);
}

const EXCERPT_CHARACTERS = 300;

function excerpt(values: readonly Json[]): string {
  return JSON.stringify(values.length === 1 ? values[0] : values)?.slice(0, EXCERPT_CHARACTERS) ?? 'nothing';
}
