import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
const Notification = z.object({
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
      startsAt: z.iso.datetime({ offset: true }),
    }),
  ),
});

/** One alert as the people on duty are told of it. */
export interface Told {
  readonly status: 'firing' | 'resolved';
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** When Prometheus says that it began to fire. */
  readonly startedMs: number;
  readonly toldMs: number;
}

/** Whom Alertmanager tells. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** All that it was told, oldest first. */
  readonly told: readonly Told[];
}

/** Starts a webhook on loopback. */
export async function startReceiver(): Promise<Receiver> {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { alerts } = Notification.parse(JSON.parse(body));
      const toldMs = Date.now();
      for (const { status, labels, annotations, startsAt } of alerts) {
        const name = labels['alertname'] ?? '';
        told.push({ status, name, labels, annotations, startedMs: Date.parse(startsAt), toldMs });
      }
      response.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    told,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
