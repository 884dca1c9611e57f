import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

const NODE_EXPORTER_PORT = 9100;
const AGENT_PORT = 9374;
const FETCH_TIMEOUT_MS = 5_000;
const CPU_SECONDS = { idle: 0.9, user: 0.05, system: 0.03, steal: 0.01, iowait: 0.01 } as const;
const DISK_BUSY_SHARE = 0.02;

/** What the stand-ins of the probe guests need. */
export interface ProbesOptions {
  /** Where the peers document is read anonymously; `null` when none is published. */
  readonly peersUrl: string | null;
  /** Whether the guest at this address answers; asked for every request. */
  readonly isAlive: (address: string) => boolean;
  /** Time between two reads of the peers document. */
  readonly pollMs: number;
}

/** Running stand-ins of all probe guests. */
export interface Probes {
  /** Generation of the peers document last read; 0 before the first good read. */
  generation(): number;
  /** Why the last read of the peers document failed; `null` after a good one. */
  lastError(): string | null;
  stop(): Promise<void>;
}

/**
 * Answers for every probe of the lab's network: one node exporter (port 9100) and one agent (port
 * 9374) on all addresses of the namespace. A guest that is not alive breaks the connection.
 *
 * @throws Error when a port is taken.
 */
export async function startProbes(options: ProbesOptions): Promise<Probes> {
  let generation = 0;
  let lastError: string | null = null;
  const startedAt = Date.now();

  async function poll(url: string): Promise<void> {
    try {
      generation = await readGeneration(url);
      lastError = null;
    } catch (error) {
      // As in a real guest: the last good document stays in force.
      lastError = error instanceof Error ? error.message : String(error);
    }
  }

  const { peersUrl } = options;
  const servers: Server[] = [];
  let timer: NodeJS.Timeout | undefined;
  async function stop(): Promise<void> {
    clearInterval(timer);
    await Promise.all(servers.map(close));
  }
  try {
    servers.push(await listen(NODE_EXPORTER_PORT, options.isAlive, (at) => nodeMetrics(at, startedAt)));
    servers.push(await listen(AGENT_PORT, options.isAlive, () => agentMetrics(generation)));
    if (peersUrl !== null) {
      await poll(peersUrl);
      timer = setInterval(() => void poll(peersUrl), options.pollMs);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { generation: () => generation, lastError: () => lastError, stop };
}

async function readGeneration(url: string): Promise<number> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`peers document: status ${response.status}`);
  const body: unknown = await response.json();
  if (
    typeof body === 'object' &&
    body !== null &&
    'generation' in body &&
    typeof body.generation === 'number'
  ) {
    return body.generation;
  }
  throw new Error('peers document: no generation');
}

function listen(
  port: number,
  isAlive: (address: string) => boolean,
  render: (address: string) => string,
): Promise<Server> {
  function answer(request: IncomingMessage, response: ServerResponse): void {
    const address = request.socket.localAddress ?? '';
    if (!isAlive(address)) {
      request.socket.destroy();
    } else if (request.method === 'GET' && request.url === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(render(address));
    } else {
      response.writeHead(404).end();
    }
  }
  const server = createServer(answer);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '0.0.0.0', () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}

function nodeMetrics(address: string, startedAt: number): string {
  const seconds = (Date.now() - startedAt) / 1_000;
  const lines = ['# TYPE node_cpu_seconds_total counter'];
  for (const [mode, share] of Object.entries(CPU_SECONDS)) {
    lines.push(`node_cpu_seconds_total{cpu="0",mode="${mode}"} ${(seconds * share).toFixed(3)}`);
  }
  lines.push('# TYPE node_disk_io_time_seconds_total counter');
  lines.push(`node_disk_io_time_seconds_total{device="vda"} ${(seconds * DISK_BUSY_SHARE).toFixed(3)}`);
  lines.push('# TYPE node_load1 gauge', 'node_load1 0.05', '# TYPE node_uname_info gauge');
  lines.push(`node_uname_info{machine="x86_64",nodename="${address}",sysname="Linux"} 1`, '');
  return lines.join('\n');
}

function agentMetrics(generation: number): string {
  return [
    '# TYPE innervisor_agent_peers_generation gauge',
    `innervisor_agent_peers_generation ${generation}`,
    '# TYPE innervisor_ping_up gauge',
    'innervisor_ping_up 1',
    '',
  ].join('\n');
}
