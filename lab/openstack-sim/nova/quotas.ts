import type { Flavor } from './flavors.ts';

/** Quotas of a project, in the order in which Nova writes them; -1 is unlimited. */
export type Quota = Record<string, number>;

/** What a project uses. */
export interface Usage {
  instances: number;
  cores: number;
  ram: number;
}

const DEFAULTS: Quota = {
  cores: -1,
  instances: -1,
  key_pairs: -1,
  metadata_items: 128,
  ram: -1,
  server_group_members: -1,
  server_groups: -1,
};

/** Quotas and usage by project. */
export class Quotas {
  readonly #quotas = new Map<string, Quota>();
  readonly #usage = new Map<string, Usage>();

  /** The quotas of a project; changes of it are kept. */
  of(projectId: string): Quota {
    const quota = this.#quotas.get(projectId) ?? { ...DEFAULTS };
    this.#quotas.set(projectId, quota);
    return quota;
  }

  usage(projectId: string): Usage {
    const usage = this.#usage.get(projectId) ?? { instances: 0, cores: 0, ram: 0 };
    this.#usage.set(projectId, usage);
    return usage;
  }

  /** Counts servers; the count is negative for those that go. */
  count(projectId: string, flavor: Flavor, servers: number): void {
    const usage = this.usage(projectId);
    usage.instances += servers;
    usage.cores += servers * flavor.vcpus;
    usage.ram += servers * flavor.ramMiB;
  }

  /** Nova's words for why one more server is too much; `undefined` when it isn't. */
  refusal(projectId: string, flavor: Flavor): string | undefined {
    const quota = this.of(projectId);
    const usage = this.usage(projectId);
    const wanted: Usage = { instances: 1, cores: flavor.vcpus, ram: flavor.ramMiB };
    const over = (['cores', 'instances', 'ram'] as const).filter((name) => {
      const max = quota[name] ?? -1;
      return max >= 0 && usage[name] + wanted[name] > max;
    });
    if (over.length === 0) return undefined;
    const list = (numbers: (name: keyof Usage) => number): string => over.map(numbers).join(', ');
    const names = over.join(', ');
    return (
      `Quota exceeded for ${names}: Requested ${list((name) => wanted[name])}, ` +
      `but already used ${list((name) => usage[name])} of ${list((name) => quota[name] ?? -1)} ${names}`
    );
  }
}
