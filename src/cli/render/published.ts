import type { PeersDocument } from '../../domain/document.ts';
import type { ShownProbe, ShownProbes } from '../published/probes.ts';
import type { ShownTarget } from '../published/targets.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { printableValue } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

const HEALTHS: Readonly<Record<ShownTarget['health'], Style>> = {
  up: 'good',
  down: 'bad',
  unknown: 'changed',
};

/** The published probes of a region, a line each. */
export function renderProbes(raw: ShownProbes, paint: Paint): string {
  const { region, generation, probes } = printableValue(raw);
  const title = `${paint('strong', region)}: ${probes.length} probes published, list of peers ${generation === null ? 'not there yet' : `of generation ${generation}`}`;
  if (probes.length === 0) return title;
  const rows = probes.map((probe) => [
    probe.hypervisor,
    probe.probeId,
    probe.name ?? '',
    probe.address ?? paint('changed', 'no peer'),
    probe.availabilityZone ?? '',
    renderExporters(probe, paint),
  ]);
  return `${title}\n${renderTable(['HYPERVISOR', 'ID', 'NAME', 'ADDRESS', 'ZONE', 'ANSWERS'], rows, paint)}`;
}

/** How each exporter of a probe answers to Prometheus. */
export function renderExporters({ exporters, displaced }: ShownProbe, paint: Paint): string {
  if (exporters.length === 0) return paint('changed', 'not scraped');
  const healths = exporters.map(({ exporter, health }) => `${exporter} ${paint(HEALTHS[health], health)}`);
  return `${healths.join(', ')}${displaced ? `, ${paint('changed', 'displaced')}` : ''}`;
}

/** The targets that Prometheus has of a region's probes. */
export function renderTargets(
  raw: { readonly region: string; readonly targets: readonly ShownTarget[] },
  paint: Paint,
): string {
  const { region, targets } = printableValue(raw);
  const title = `${paint('strong', region)}: Prometheus has ${targets.length} targets`;
  if (targets.length === 0) return title;
  const rows = targets.map((target) => [
    target.hypervisor,
    target.exporter,
    target.address,
    paint(HEALTHS[target.health], target.health),
    target.probeId,
    target.lastError,
  ]);
  return `${title}\n${renderTable(['HYPERVISOR', 'EXPORTER', 'ADDRESS', 'HEALTH', 'ID', 'LAST ERROR'], rows, paint)}`;
}

/** The list of peers that each probe pulls. */
export function renderPeers(
  raw: { readonly region: string; readonly document: PeersDocument | null },
  paint: Paint,
): string {
  const { region, document } = printableValue(raw);
  if (document === null) return `${paint('strong', region)}: no list of peers has been published yet`;
  const { installation, generation, peers } = document;
  const title = `${paint('strong', region)}: ${peers.length} peers, generation ${generation}, published by installation ${installation}`;
  if (peers.length === 0) return title;
  const rows = peers.map((peer) => [
    peer.probe_id,
    peer.address,
    peer.hypervisor,
    peer.availability_zone ?? '',
    peer.server_id,
  ]);
  return `${title}\n${renderTable(['ID', 'ADDRESS', 'HYPERVISOR', 'ZONE', 'SERVER'], rows, paint)}`;
}
