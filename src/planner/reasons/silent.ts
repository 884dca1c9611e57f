import { activeAgeMs } from '../../domain/probe.ts';
import type { Drift, DriftContext } from './drift.ts';

/** A reboot that is older belongs to another trouble: then the probe is rebooted once more before it is replaced. */
const REBOOT_COUNTS_MS = 86_400_000;

/**
 * Active, but no exporter of it has answered for a while: rebooted once, then replaced. A young one is still booting,
 * and where most probes are silent it is Prometheus that can't see.
 */
export function silent({ probe, exporters, bootMs, nowMs }: DriftContext): Drift | undefined {
  const isMissed = exporters === 'silent' || exporters === 'unclear';
  if (!isMissed || activeAgeMs(probe, nowMs) < bootMs) return undefined;
  const drift = (remedy: Drift['remedy'], more: string): Drift => ({
    remedy,
    reason: { code: 'silent', text: `its exporters don’t answer${more}` },
  });
  if (exporters === 'unclear')
    return drift('wait', ', nor do those of most probes: look at Prometheus and the network first');
  const rebootedMs = Date.parse(probe.rebootedAt ?? '');
  const sinceRebootMs = nowMs - rebootedMs;
  const isRebooted = sinceRebootMs >= 0 && sinceRebootMs < REBOOT_COUNTS_MS;
  if (!isRebooted) return drift('reboot', ', though it is active');
  const when = new Date(rebootedMs).toISOString();
  if (sinceRebootMs < bootMs) return drift('wait', ` yet; it was rebooted at ${when}`);
  return drift('replace', `, though it was rebooted at ${when}`);
}
