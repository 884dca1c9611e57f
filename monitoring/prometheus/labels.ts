/**
 * A displaced probe runs on another hypervisor than its own, so what it measures says nothing about the one in its
 * labels. Every rule about hypervisors selects with this.
 */
export const IN_PLACE = 'displaced=""';

/** Identifies a probe in a join; the id alone is unique within one installation only. */
export const PROBE = 'region, probe_id';

/** Identifies the probe that is pinged. */
export const PEER = 'region, peer_id';

const SCRAPE = ['instance', 'job', 'exporter'];
const PEER_LABELS = ['peer_id', 'peer_hypervisor', 'peer_zone'];

/** Leaves the probe's labels, and with them those that the configuration adds. */
export const PER_PROBE = `without (${[...SCRAPE, 'kind'].join(', ')})`;

/** The same, over all that one probe pings. */
export const OVER_PEERS = `without (${[...SCRAPE, 'kind', ...PEER_LABELS].join(', ')})`;

/** The same, over all public targets of one probe. */
export const OVER_TARGETS = `without (${[...SCRAPE, 'kind', 'target'].join(', ')})`;

/** Leaves what is about the pinged one, as all who ping it see it. */
export const PER_PEER = `by (${['region', ...PEER_LABELS].join(', ')})`;

/** Two availability zones, the one of the pinging probes first. */
export const PER_ZONE_PAIR = 'by (region, availability_zone, peer_zone)';
