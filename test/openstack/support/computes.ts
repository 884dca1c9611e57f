import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const UP = join(import.meta.dirname, '..', '..', '..', 'lab', 'openstack-real', 'up.sh');
const KEPT_CHARACTERS = 2_000;

/** The processes and fault files behind the lab's hypervisors. */
export class Computes {
  readonly #lab: string;

  constructor(lab: string) {
    this.#lab = lab;
  }

  /** Kills the compute service of a host at once; Nova sees it down after its service_down_time (25 s). */
  async kill(host: string): Promise<void> {
    process.kill(
      Number(await readFile(join(this.#lab, 'run', 'computes', `${host}.pid`), 'utf8')),
      'SIGKILL',
    );
  }

  /** Starts a killed compute service again; resolves when Nova sees it up. */
  async revive(host: string): Promise<void> {
    const number = Number(host.slice('cmp'.length));
    await this.#up(number, number);
  }

  /** Adds hypervisors after the last one; resolves when Nova lists them all. */
  async add(count: number): Promise<void> {
    const last = Number(await readFile(join(this.#lab, 'run', 'hypervisors'), 'utf8'));
    await this.#up(last + 1, last + count);
  }

  /** Makes the host misbehave: `spawn_delay`, `spawn_error`, `build_abort`, `destroy_delay`, … */
  async setFault(host: string, fault: Readonly<Record<string, unknown>>): Promise<void> {
    const file = this.#faultFile(host);
    await writeFile(`${file}.tmp`, JSON.stringify(fault));
    await rename(`${file}.tmp`, file);
  }

  /** Heals the host. */
  async clearFault(host: string): Promise<void> {
    await rm(this.#faultFile(host), { force: true });
  }

  #faultFile(host: string): string {
    return join(this.#lab, 'faults', `${host}.json`);
  }

  async #up(first: number, last: number): Promise<void> {
    const env = { ...process.env, SKIP_INSTALL: '1', OSLAB_DIR: this.#lab, FIRST: String(first) };
    const child = spawn('bash', [UP, String(last)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let tail = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (tail = (tail + text).slice(-KEPT_CHARACTERS)));
    }
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`up.sh ended with ${code ?? 'a signal'}: ${tail}`);
  }
}
