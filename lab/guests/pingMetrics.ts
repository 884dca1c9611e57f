import type { Family } from './exposition.ts';
import { buildLabels } from './nodeMetrics.ts';
import type { PingCount } from './pings.ts';

const TTL = 64;
const BUILD =
  "A metric with a constant '1' value labeled by version, revision, branch, goversion from which smokeping_prober was built, and the goos and goarch for the build.";

/** What a smokeping_prober 0.6.1 in the guest would serve, which was given addresses and not names. */
export function pingFamilies(pings: readonly PingCount[]): readonly Family[] {
  const labelled = pings.map((ping) => ({ ...ping, labels: { host: ping.address, ip: ping.address } }));
  return [
    {
      name: 'smokeping_prober_build_info',
      type: 'gauge',
      help: BUILD,
      samples: [{ labels: buildLabels('0.6.1'), value: 1 }],
    },
    {
      name: 'smokeping_requests_total',
      type: 'counter',
      help: 'Number of ping requests sent',
      samples: labelled.map(({ labels, requests }) => ({ labels, value: requests })),
    },
    {
      name: 'smokeping_response_duplicates_total',
      type: 'counter',
      help: 'The number of duplicated response packets.',
      samples: labelled.map(({ labels }) => ({ labels, value: 0 })),
    },
    {
      name: 'smokeping_response_duration_seconds',
      type: 'histogram',
      help: 'A histogram of latencies for ping responses.',
      samples: labelled.flatMap(({ labels, responses }) => responses.samples(labels)),
    },
    {
      name: 'smokeping_response_ttl',
      type: 'gauge',
      help: 'The last response Time To Live (TTL).',
      samples: labelled.map(({ labels }) => ({ labels, value: TTL })),
    },
  ];
}
