import type { RegionConfig } from '../../config/index.ts';
import { loadHttpAccess } from '../../config/httpAccess.ts';
import { compareText } from '../../domain/document.ts';
import { createPrometheusClient, type ActiveTarget } from '../../prometheus/client.ts';

const TIMEOUT_MS = 10_000;

/** One target as Prometheus has it now. */
export interface ShownTarget {
  readonly hypervisor: string;
  readonly probe: string;
  readonly probeId: string;
  readonly exporter: string;
  readonly address: string;
  readonly health: 'up' | 'down' | 'unknown';
  /** Runs elsewhere than it should, or is on its way. */
  readonly displaced: boolean;
  /** Empty when the last scrape went well. */
  readonly lastError: string;
  /** RFC 3339; `null` before the first scrape. */
  readonly lastScrape: string | null;
}

/**
 * Asks a region's first Prometheus which of its targets are the region's probes; sorted by hypervisor.
 * @throws PrometheusError; ConfigReferenceError where a password or certificate can't be read on this machine.
 */
export async function listTargets(
  region: string,
  { prometheus }: RegionConfig,
): Promise<readonly ShownTarget[]> {
  const client = createPrometheusClient({
    url: prometheus.url,
    requestTimeoutMs: TIMEOUT_MS,
    ...(await loadHttpAccess(prometheus, `regions.${region}.prometheus`)),
  });
  return (await client.listActiveTargets())
    .filter(({ discoveredLabels: labels }) => labels['region'] === region && labels['probe_id'] !== undefined)
    .map(describe)
    .toSorted(
      (a, b) =>
        compareText(a.hypervisor, b.hypervisor) ||
        compareText(a.probeId, b.probeId) ||
        compareText(a.exporter, b.exporter),
    );
}

function describe({ discoveredLabels: labels, health, lastError, lastScrape }: ActiveTarget): ShownTarget {
  return {
    hypervisor: labels['hypervisor'] ?? '',
    probe: labels['probe'] ?? '',
    probeId: labels['probe_id'] ?? '',
    exporter: labels['exporter'] ?? '',
    address: labels['__address__'] ?? '',
    health,
    displaced: labels['displaced'] === 'true',
    lastError,
    lastScrape: lastScrape ?? null,
  };
}
