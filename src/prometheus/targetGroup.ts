import { z } from 'zod';

/** One group of targets that share labels, as file and HTTP service discovery know it. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** A place in a document and what is wrong there. */
export interface Flaw {
  readonly place: string;
  readonly reason: string;
}

/**
 * Prometheus refuses a slash in an address, an unknown key and an odd label name:
 * https://github.com/prometheus/prometheus/blob/v2.42.0/discovery/targetgroup/targetgroup.go and
 * https://github.com/prometheus/prometheus/blob/v2.42.0/config/config.go (CheckTargetAddress)
 */
const documentSchema = z.array(
  z.strictObject({
    targets: z.array(z.string().regex(/^[^\s/]+$/, 'a target is host:port, without scheme, path or space')),
    labels: z
      .record(
        z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'not a label name'),
        z.string().refine((text) => text.isWellFormed(), 'not well-formed Unicode'),
      )
      .default({}),
  }),
);

/** Checks a document as Prometheus would, so that it never has to refuse it: the groups, or the first flaw. */
export function checkTargetGroups(document: unknown): readonly TargetGroup[] | Flaw {
  const result = documentSchema.safeParse(document);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)) ?? [];
  return { place: path.length === 0 ? 'the document' : path.join(''), reason: issue?.message ?? 'malformed' };
}

/** The document as text: the same set of groups gives the same bytes, whatever its order. */
export function renderTargetGroups(groups: readonly TargetGroup[]): string {
  const sorted = groups
    .map(({ targets, labels }) => ({
      targets: targets.toSorted(compareText),
      labels: Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => compareText(a, b))),
    }))
    .toSorted((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
