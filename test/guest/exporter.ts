import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

import { eventually } from '../support/await.ts';
import { GUEST } from './support.ts';

/** Where the exporter's modules lie. */
export const LIB = join(GUEST, 'root/usr/local/lib/innervisor');

/** The agent. */
export const AGENT = join(GUEST, 'root/usr/local/bin/innervisor-agent');

const NAME_SERVER = '127.81.255.254';
const Status = z.object({ generation: z.number(), peers: z.number(), error: z.string().nullable() });

/** A running exporter of a probe, on loopback. */
export interface Exporter {
  readonly pid: number;
  /** What it tells the agent: the list that it has in force. */
  readonly status: () => Promise<z.output<typeof Status>>;
  readonly metrics: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts the exporter on the settings `probe.json` of a folder, with all that it writes there too. The name server
 * that it asks is one that nobody answers for.
 */
export async function startExporter(dir: string, port: number, env: NodeJS.ProcessEnv): Promise<Exporter> {
  await writeFile(join(dir, 'resolv.conf'), `nameserver ${NAME_SERVER}\n`);
  const files = [
    ...['--settings', 'probe.json', '--peers', 'state/peers.json'],
    ...['--disk-file', 'disk', '--resolv-conf', 'resolv.conf'],
  ];
  const args = ['-B', join(LIB, 'exporter.py'), '--listen', '127.0.0.1', '--agent-status', 'run/status.prom'];
  const child = spawn('python3', [...args, ...files], { cwd: dir, env, stdio: 'ignore' });
  const page = async (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
  const status = async () => Status.parse(await (await page('/peers')).json());
  await eventually(status, { describe: 'the exporter answers', timeoutMs: 30_000 });
  const { pid } = child;
  if (pid === undefined) throw new Error('the exporter has no process id');
  return {
    pid,
    status,
    metrics: async () => (await page('/metrics')).text(),
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}
