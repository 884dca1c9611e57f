import type { Probe } from './probe.ts';

/** How long a new probe took to come up, which says something about its hypervisor; seconds since its creation. */
export interface Boot {
  readonly probeId: string;
  readonly hypervisor: string;
  /** Until Nova saw it active, by Nova's clock. */
  readonly activeSeconds: number | null;
  /** Until its first exporter could answer, by the probe's clock. */
  readonly answerSeconds: number | null;
}

/**
 * @param answersSince When its node exporter started, in seconds since 1970; `null` when it doesn't answer.
 */
export function measureBoot(probe: Probe, answersSince: number | null): Boot {
  const created = Date.parse(probe.createdAt) / 1000;
  const active = probe.launchedAt === null ? null : Date.parse(probe.launchedAt) / 1000;
  return {
    probeId: probe.probeId,
    hypervisor: probe.hypervisor,
    activeSeconds: secondsBetween(created, active),
    answerSeconds: secondsBetween(created, answersSince),
  };
}

/** Orders boots for a report: those that never answered first, then the slowest. */
export function slowestFirst(a: Boot, b: Boot): number {
  const [first, second] = [a, b].map((boot) => boot.answerSeconds ?? Number.MAX_VALUE) as [number, number];
  return second - first;
}

/** Two machines' clocks may disagree; what ended before it began says nothing. */
function secondsBetween(start: number, end: number | null): number | null {
  if (end === null || Number.isNaN(end - start) || end < start) return null;
  return Math.round((end - start) * 10) / 10;
}
