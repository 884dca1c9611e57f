import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const POLL_MS = 1_000;
/** Rules look at the last minute, and an alert that can't be seen after three has another cause. */
const FIRING_TIMEOUT_MS = 180_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */
const Alerts = z.array(
  z.object({
    labels: z.record(z.string(), z.string()).and(z.object({ alertname: z.string() })),
    annotations: z.object({ summary: z.string().optional() }),
  }),
);

/** An alert that fires now. */
export interface FiringAlert {
  readonly name: string;
  /** All but its name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string | undefined;
}

/** What Alertmanager knows of one hypervisor. */
export interface AlertWatch {
  /** Those about it that fire now, without silenced and inhibited ones. */
  listFiring(hypervisor: string): Promise<readonly FiringAlert[]>;
  /** Waits for one about this signal, such as `steal`; `undefined` when none comes in three minutes. */
  awaitFiring(
    hypervisor: string,
    signal: string,
  ): Promise<{ readonly fired: FiringAlert | undefined; readonly seconds: number }>;
  /** Waits until none fires; `left` are those that still do after three minutes. */
  awaitResolved(
    hypervisor: string,
  ): Promise<{ readonly left: readonly FiringAlert[]; readonly seconds: number }>;
}

/** Asks an Alertmanager. Each wait rejects when the signal is aborted. */
export function createAlertWatch(url: string, signal: AbortSignal): AlertWatch {
  async function listFiring(hypervisor: string): Promise<readonly FiringAlert[]> {
    const query = new URLSearchParams({
      active: 'true',
      silenced: 'false',
      inhibited: 'false',
      filter: `hypervisor=${JSON.stringify(hypervisor)}`,
    });
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    const response = await fetch(`${url}/api/v2/alerts?${query.toString()}`, { signal: bounded });
    if (!response.ok) throw new Error(`Alertmanager does not list its alerts: ${await response.text()}`);
    return Alerts.parse(await response.json()).map(({ labels, annotations }) => {
      const { alertname, ...rest } = labels;
      return { name: alertname, labels: rest, summary: annotations.summary };
    });
  }

  /** Asks until it is done; gives the last answer and how long it took. */
  async function poll(
    hypervisor: string,
    isDone: (firing: readonly FiringAlert[]) => boolean,
  ): Promise<{ readonly firing: readonly FiringAlert[]; readonly seconds: number }> {
    const startedMs = performance.now();
    for (;;) {
      const firing = await listFiring(hypervisor);
      const ms = performance.now() - startedMs;
      if (isDone(firing) || ms > FIRING_TIMEOUT_MS) return { firing, seconds: Math.round(ms / 1000) };
      await delay(POLL_MS, undefined, { signal });
    }
  }

  return {
    listFiring,
    awaitFiring: async (hypervisor, wanted) => {
      const isWanted = ({ labels }: FiringAlert): boolean => labels['signal'] === wanted;
      const { firing, seconds } = await poll(hypervisor, (all) => all.some(isWanted));
      return { fired: firing.find(isWanted), seconds };
    },
    awaitResolved: async (hypervisor) => {
      const { firing, seconds } = await poll(hypervisor, (all) => all.length === 0);
      return { left: firing, seconds };
    },
  };
}
