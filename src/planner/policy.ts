import type { ReplaceOrder } from '../domain/plan.ts';

/** The operator's wishes about one region, as far as planning needs them. */
export interface Policy {
  readonly select: {
    readonly include: readonly string[];
    readonly exclude: readonly string[];
    readonly aggregates: { readonly include: readonly string[]; readonly exclude: readonly string[] };
    readonly availabilityZones: readonly string[];
    readonly disabled: 'keep' | 'remove' | 'drained';
    /** Regular expression over `disabled_reason`. */
    readonly maintenanceReason: string | null;
  };
  readonly replace: ReplaceOrder;
  /** Removals that one pass may make without a person's approval. */
  readonly deletesMax:
    { readonly kind: 'share'; readonly percent: number } | { readonly kind: 'count'; readonly count: number };
  /** Outdated probes that one pass replaces, once a first one of the new revision stands. */
  readonly replaceBatch: number;
  /** First pause of a hypervisor on which creations have failed twice in a row; it doubles with each further one. */
  readonly pauseMs: number;
  /** Age at which a build counts as stuck. */
  readonly buildMs: number;
  /** Age at which a deletion counts as stuck. */
  readonly deletingMs: number;
  /** For how long an exporter must be silent before its probe is repaired. */
  readonly silentMs: number;
  /** How long a probe that was made or rebooted has until it must answer. */
  readonly bootMs: number;
}

/** Whether a hostname matches a glob such as `gpu-*`; given by the caller, since the planner imports no library. */
export type GlobMatch = (hostname: string, globs: readonly string[]) => boolean;
