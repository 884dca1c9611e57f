/** How often each kind of thing was tried, by group of kinds. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>();

  /** Counts one more. */
  add(group: string, kind: string): void {
    const kinds = this.#counts.get(group) ?? new Map<string, number>();
    this.#counts.set(group, kinds.set(kind, (kinds.get(kind) ?? 0) + 1));
  }

  /** All of a group. */
  total(group: string): number {
    return [...(this.#counts.get(group)?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  }

  /** One line a group: its total, and each kind with its count, most frequent first. */
  lines(): readonly string[] {
    return [...this.#counts].map(([group, kinds]) => {
      const sorted = [...kinds].toSorted(([a, x], [b, y]) => y - x || a.localeCompare(b));
      return `${group}: ${this.total(group)} (${sorted.map(([kind, count]) => `${kind} ${count}`).join(', ')})`;
    });
  }
}
