import { existsSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { OBSERVER } from '../../scenario/api.ts';
import type { LoggedRequest, Mark, RequestsOptions, Service } from '../../scenario/cloud.ts';

const URLS: Readonly<Record<Service, string>> = {
  keystone: 'http://127.0.0.1:15000/',
  nova: 'http://127.0.0.1:18774/',
  placement: 'http://127.0.0.1:18778/',
  glance: 'http://127.0.0.1:19292/',
  neutron: 'http://127.0.0.1:19696/',
};
const SERVICES = Object.keys(URLS) as Service[];
/** What the services call themselves and what their own clients do, when they talk to each other. */
const INTERNAL =
  /^(uwsgi |nova-|neutron|glance|placement|keystone|python-(nova|neutron|glance|keystone)client|openstacksdk)|keystonemiddleware/;
const BARRIER = 'observer-barrier';
const POLL_MS = 50;
const POLLS_MAX = 200;

const uwsgiLine = z.object({
  t: z.number(),
  method: z.string(),
  uri: z.string(),
  status: z.number(),
  agent: z.string(),
});
const neutronLine =
  /^(\S+) (\S+) .* INFO neutron\.wsgi .*"([A-Z]+) (\S+) HTTP\/[\d.]+" status: (\d+)\s+len: \d+ time: ([\d.]+)/;

/** The request logs of the lab's services. */
export class RequestLog {
  readonly #folder: string;

  constructor(lab: string) {
    this.#folder = join(lab, 'log');
  }

  /** The present end of all logs. */
  async mark(): Promise<Mark> {
    await this.#settle();
    const ends = SERVICES.map(async (service) => [service, await this.#end(service)] as const);
    return Object.fromEntries(await Promise.all(ends)) as unknown as Mark;
  }

  /**
   * Requests answered since the mark, per service in order, without those of the observer and of the
   * services among themselves. Neutron logs no user agent: its list has them all.
   *
   * `internal: true` keeps what the services ask of each other, also on their own account: each compute
   * service speaks to Placement now and then, whoever else does anything.
   */
  async requestsSince(mark: Mark, { internal = false }: RequestsOptions = {}): Promise<LoggedRequest[]> {
    await this.#settle();
    const lists = await Promise.all(SERVICES.map((service) => this.#read(service, mark[service])));
    return lists
      .flat()
      .filter(({ path, agent }) => !path.includes(BARRIER) && !isLeftOut(agent ?? '', internal));
  }

  /** A line is written after its answer: waits until a request made now is in each log. */
  async #settle(): Promise<void> {
    await Promise.all(
      SERVICES.map(async (service) => {
        const from = await this.#end(service);
        const token = `${BARRIER}=${randomUUID()}`;
        const response = await fetch(`${URLS[service]}?${token}`, { headers: { 'user-agent': OBSERVER } });
        await response.arrayBuffer();
        for (let poll = 0; poll < POLLS_MAX; poll += 1) {
          if ((await this.#text(service, from)).includes(token)) return;
          await delay(POLL_MS);
        }
        throw new Error(`${service} did not log a request`);
      }),
    );
  }

  async #read(service: Service, from: number): Promise<LoggedRequest[]> {
    const text = await this.#text(service, from);
    const lines = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean);
    return lines.flatMap((line) => (service === 'neutron' ? parseNeutron(line) : parseUwsgi(service, line)));
  }

  #file(service: Service): string {
    return join(this.#folder, service === 'neutron' ? 'neutron.log' : `requests-${service}.log`);
  }

  async #end(service: Service): Promise<number> {
    const file = this.#file(service);
    return existsSync(file) ? (await stat(file)).size : 0;
  }

  async #text(service: Service, from: number): Promise<string> {
    const length = (await this.#end(service)) - from;
    if (length <= 0) return '';
    const file = await open(this.#file(service));
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }
}

function isLeftOut(agent: string, internal: boolean): boolean {
  return agent.startsWith(OBSERVER) || (!internal && INTERNAL.test(agent));
}

function parseUwsgi(service: Service, line: string): LoggedRequest[] {
  const { t, method, uri, status, agent } = uwsgiLine.parse(JSON.parse(line));
  return [{ service, method, path: uri, status, timeMs: t, agent }];
}

function parseNeutron(line: string): LoggedRequest[] {
  const [, day, clock, method, path, status, seconds] = neutronLine.exec(line) ?? [];
  if (method === undefined || path === undefined) return [];
  // The line has local time, and that of the end.
  const timeMs = Date.parse(`${day}T${clock}`) - Math.round(Number(seconds) * 1_000);
  return [{ service: 'neutron', method, path, status: Number(status), timeMs, agent: null }];
}
