import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOwned } from '../../../lab/servers/process.ts';
import { watchWorker, type WatchedWorker } from './workers.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(ROOT, 'src', 'cli', 'main.ts');
const MINIMAL = join(ROOT, 'test', 'fixtures', 'config', 'minimal.yaml');

/** Regions whose clouds and servers nobody answers for, which a worker doesn't mind until a pass runs. */
export interface UnansweredRegions extends AsyncDisposable {
  readonly configPath: string;
  /** Without `worker`. */
  readonly configText: string;
  /** What reads the configuration needs it. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes the configuration anew and starts a worker, by default of all regions and without a port of its own. */
  startWorker(options: StartOptions): Promise<WatchedWorker>;
}

interface StartOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly port?: number;
  /** Where it listens; on loopback by default, nowhere without a port. */
  readonly listen?: string;
  readonly text?: string;
  readonly args?: readonly string[];
}

/** Writes down the regions `one` and `two`. */
export async function createUnansweredRegions(): Promise<UnansweredRegions> {
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-'));
  const configPath = join(folder, 'innervisor.yaml');
  const keyPath = join(folder, 'peers.key');
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(keyPath, key, { mode: 0o600 });
  const auth = {
    auth_url: 'http://127.0.0.1:1/v3',
    username: 'prober',
    password: 'none',
    project_name: 'probes',
    user_domain_name: 'Default',
    project_domain_name: 'Default',
  };
  const clouds = { one: { auth }, two: { auth } };
  const cloudsPath = join(folder, 'clouds.yaml');
  await writeFile(cloudsPath, JSON.stringify({ clouds }));
  const configText = (await readFile(MINIMAL, 'utf8')).replaceAll('/etc/innervisor/peers.key', keyPath);
  const base = { OS_CLIENT_CONFIG_FILE: cloudsPath, TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' };
  return {
    configPath,
    configText,
    env: base,
    startWorker: async ({ env, port = 0, listen, text = configText, args = [] }) => {
      const at = listen ?? (port === 0 ? undefined : `127.0.0.1:${port}`);
      await writeFile(configPath, `${text}${at === undefined ? '' : `worker: { listen: "${at}" }\n`}`);
      const own = await mkdtemp(join(folder, 'worker-'));
      const line = [MAIN, 'worker', '--config', configPath, ...args];
      const all = { INNERVISOR_LOG_FORMAT: 'json', ...base, ...env };
      return watchWorker(await startOwned(process.execPath, line, own, all), port, own);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
