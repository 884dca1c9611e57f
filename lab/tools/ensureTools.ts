import { ensureAlertmanager } from './alertmanager.ts';
import { ensureChromium } from './chromium.ts';
import { ensureDebianProgram } from './debianProgram.ts';
import { ensurePrometheus } from './prometheus.ts';
import { ensureTemporal } from './temporal.ts';
import { TOOL_NAMES, type Log, type ToolName } from './tool.ts';
import { ensureTemporalServer } from './temporalServer.ts';
import { ensureTemporalUi } from './temporalUi.ts';
import { ensureVersitygw } from './versitygw.ts';
import { ensureWatcher } from './watchers.ts';

const NETCAT = { name: 'nc.traditional', version: '1.10', package: 'netcat-traditional=1.10*' };
const FISH = { name: 'fish', version: '3.6.0', libraries: ['fish-common', 'libpcre2-32-0'] };
const OPENSSH_SERVER = {
  name: 'sshd',
  version: '9.2p1',
  package: 'openssh-server=1:9.2*',
  libraries: ['libwrap0'],
};

/** How to have each tool; the ones that come together share a function. */
const WAYS: Readonly<Record<ToolName, (log: Log) => Promise<string>>> = {
  temporal: ensureTemporal,
  prometheus: async (log) => (await ensurePrometheus(log)).prometheus,
  promtool: async (log) => (await ensurePrometheus(log)).promtool,
  alertmanager: async (log) => (await ensureAlertmanager(log)).alertmanager,
  amtool: async (log) => (await ensureAlertmanager(log)).amtool,
  versitygw: ensureVersitygw,
  bats: (log) => ensureDebianProgram({ name: 'bats', version: '1.8.2' }, log),
  shellcheck: (log) =>
    ensureDebianProgram({ name: 'shellcheck', version: '0.9.0', libraries: ['libgmp10', 'libffi8'] }, log),
  fping: (log) => ensureDebianProgram({ name: 'fping', version: '5.1' }, log),
  jq: (log) => ensureDebianProgram({ name: 'jq', version: '1.6', libraries: ['libjq1', 'libonig5'] }, log),
  'prometheus-node-exporter': (log) =>
    ensureDebianProgram({ name: 'prometheus-node-exporter', version: '1.5.0' }, log),
  'chromium-headless-shell': ensureChromium,
  zsh: (log) =>
    ensureDebianProgram({ name: 'zsh', version: '5.9', libraries: ['zsh-common'], unpacked: true }, log),
  fish: (log) => ensureDebianProgram({ ...FISH, unpacked: true }, log),
  sshd: (log) => ensureDebianProgram(OPENSSH_SERVER, log),
  busybox: (log) => ensureDebianProgram({ name: 'busybox', version: '1:1.35' }, log),
  'nc.traditional': (log) => ensureDebianProgram(NETCAT, log),
  'temporal-server': async (log) => (await ensureTemporalServer(log)).server,
  'temporal-ui': async (log) => (await ensureTemporalUi(log)).server,
  'prometheus-of-stack': (log) => ensureWatcher('prometheus', log),
  'alertmanager-of-stack': (log) => ensureWatcher('alertmanager', log),
};

/**
 * Gives the absolute path of each tool: the one on the `PATH`, else the one in the cache, else a fetched one.
 *
 * Safe to call from several processes at once. They are taken one by one, because two packages can't be
 * installed at the same time and a build keeps every core busy.
 *
 * @throws ToolMissingError or AggregateError of these, when tools can't be had; the others are there then.
 */
export async function ensureTools<Name extends ToolName = ToolName>(
  names: readonly Name[] = TOOL_NAMES as readonly ToolName[] as readonly Name[],
  log: Log = () => undefined,
): Promise<Record<Name, string>> {
  const paths = new Map<Name, string>();
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      paths.set(name, await WAYS[name](log));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(lineOf).join('\n'));
  return Object.fromEntries(paths) as Record<Name, string>;
}

function lineOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
