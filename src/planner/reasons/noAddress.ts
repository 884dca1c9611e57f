import { activeAgeMs } from '../../domain/probe.ts';
import type { Drift, DriftContext } from './drift.ts';

/**
 * Active without an address. Nova's view of one may lag or be lost for a moment, so a young probe is left to get it, and
 * one that was published stays so, and as it is, while anything answers there or most probes are silent.
 */
export function noAddress({ probe, lastAddress, exporters, bootMs, nowMs }: DriftContext): Drift | undefined {
  if (probe.address !== null) return undefined;
  const drift = (remedy: Drift['remedy'], more: string): Drift => ({
    remedy,
    reason: { code: 'noAddress', text: `active without an address${more}` },
  });
  if (lastAddress === undefined)
    return activeAgeMs(probe, nowMs) < bootMs ? drift('wait', ' yet') : drift('replace', '');
  const where = `stays published at ${lastAddress}`;
  if (exporters === 'unclear')
    return drift('wait', `; ${where}, and most probes are silent: look at Prometheus and the network first`);
  if (exporters !== 'silent') return drift('wait', `; ${where} until its exporters are silent`);
  return drift('replace', `, and its exporters don’t answer at ${lastAddress}`);
}
