/** One step on the way to a value: key of a mapping or index in a list. */
export type KeyPath = readonly (string | number)[];

const QUOTED_LENGTH_MAX = 64;
const PLAIN = /^[A-Za-z0-9_-]+$/;

/** `regions.luxembourg.probe.networks.0`; keys that would be misread are quoted and cut. */
export function renderKeyPath(path: KeyPath): string {
  return path.map((step) => quoteKey(String(step))).join('.');
}

/** A key as it stands in a message. */
export function quoteKey(key: string): string {
  if (PLAIN.test(key) && key.length <= QUOTED_LENGTH_MAX) return key;
  const cut = key.length > QUOTED_LENGTH_MAX ? `${key.slice(0, QUOTED_LENGTH_MAX)}…` : key;
  return JSON.stringify(cut);
}

/** The word that was probably meant, if one is near enough. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  if (word.length > QUOTED_LENGTH_MAX) return undefined;
  const lower = word.toLowerCase();
  const ranked = known
    .map((candidate) => ({ candidate, distance: computeDistance(lower, candidate.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best !== undefined && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3))) {
    return best.candidate;
  }
  return known.find((candidate) => lower.length > 2 && candidate.toLowerCase().startsWith(lower));
}

/** Levenshtein's distance. */
function computeDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
