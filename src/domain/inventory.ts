import type { Peer } from './document.ts';
import type { Hypervisor } from './hypervisor.ts';
import type { FailureRecord, UnconfirmedProbe } from './memory.ts';
import type { Maintenance } from './orders.ts';
import type { Probe } from './probe.ts';

/** Which probes' exporters give no answer; ids are sorted. */
export interface ExporterReport {
  /** How many of the probes Prometheus scrapes. */
  readonly watched: number;
  /** Those of which an exporter gave no answer at all for a while. */
  readonly silent: readonly string[];
  /** The others that have not answered on every exporter yet, as if never scraped; older workers leave it out. */
  readonly unseen?: readonly string[];
  /** Those of which one gives none now; only looked at where one is silent. */
  readonly unanswered: readonly string[];
}

/**
 * What the cloud said at the start of a pass. It exists only when every page of every list arrived:
 * a failed page fails the listing, so there is no partial inventory.
 */
export interface Inventory {
  readonly installation: string;
  readonly region: string;
  /** Sorted by hostname. */
  readonly hypervisors: readonly Hypervisor[];
  /** Probes of this installation and region, sorted by probe id, then server id. */
  readonly probes: readonly Probe[];
  /**
   * Probes that were published and that Nova neither lists nor confirms to be gone (a cell that doesn't
   * answer is left out with a 200). They stay published and nothing is created in their place.
   */
  readonly unlisted: readonly Peer[];
  /**
   * Probes that are remembered, and neither published nor listed; nothing is created in their place. Older workers leave it
   * out.
   */
  readonly unconfirmed?: readonly UnconfirmedProbe[];
  /** What the peers document holds now; empty before the first pass. */
  readonly published: readonly Peer[];
  /** Hash of all that makes a probe of the present configuration what it is. */
  readonly revision: string;
  /** What Prometheus says about the exporters; left out where it couldn't be asked, and by older workers. */
  readonly exporters?: ExporterReport;
  /** What failed in earlier passes; older workers leave it out. */
  readonly memory?: FailureRecord;
  /** Hypervisors that people work on; left out where there are none. */
  readonly maintenance?: readonly Maintenance[];
}
