import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureTools } from '../tools/index.ts';
import { deadNamespaces, deleteNamespace, isInUse, makeNamespace, namespaceName } from './namespace.ts';
import { exec, ignoreSignals, must, report, stopOnSignals } from './shell.ts';

const HERE = import.meta.dirname;
const REPOSITORY = join(HERE, '..', '..');
const LAB = process.env['OSLAB_DIR'] ?? '/var/tmp/innervisor-openstack-lab';
const NAMESPACE_FILE = join(LAB, 'namespace');
const STOP_COMMAND = `OSLAB_DIR=${LAB} node lab/openstack-real/run.ts --stop`;

const { values: flags, positionals: vitestArguments } = parseArgs({
  allowPositionals: true,
  options: {
    hypervisors: { type: 'string', default: '30' },
    keep: { type: 'boolean', default: false },
    stop: { type: 'boolean', default: false },
    inner: { type: 'boolean', default: false },
  },
});

function script(name: string): string {
  return join(HERE, name);
}

/** Inside the namespace: starts OpenStack, then the tests; returns their exit code. */
async function inner(): Promise<number> {
  report(`starting OpenStack with ${flags.hypervisors} hypervisors`);
  await must('bash', [script('up.sh'), flags.hypervisors], { SKIP_INSTALL: '1', OSLAB_DIR: LAB });
  report('running the tests');
  const vitest = join(REPOSITORY, 'node_modules', 'vitest', 'vitest.mjs');
  return exec(process.execPath, [vitest, 'run', '--project', 'openstack', ...vitestArguments], {
    OSLAB_DIR: LAB,
    INNERVISOR_OPENSTACK_LAB: LAB,
  });
}

/** Stops the lab of this folder and removes its namespace and data. */
async function stopLab(namespace: string | null): Promise<void> {
  report('stopping the lab');
  await exec('bash', [script('down.sh'), '--wipe'], { OSLAB_DIR: LAB });
  if (namespace !== null) await deleteNamespace(namespace);
}

/** Removes what dead runs left behind; a lab in use is left alone. */
async function sweep(): Promise<void> {
  const namespace = labNamespace();
  if (namespace !== null && isInUse(namespace)) {
    throw new Error(`the lab in ${LAB} is in use (${namespace}); stop it with: ${STOP_COMMAND}`);
  }
  if (namespace !== null || existsSync(join(LAB, 'run'))) await stopLab(namespace);
  for (const name of await deadNamespaces()) await deleteNamespace(name);
}

function labNamespace(): string | null {
  return existsSync(NAMESPACE_FILE) ? readFileSync(NAMESPACE_FILE, 'utf8').trim() : null;
}

async function outer(): Promise<number> {
  report('installing packages (minutes when none is there)');
  await must('bash', [script('up.sh'), '--install']);
  await ensureTools();
  await sweep();
  const namespace = namespaceName(flags.keep);
  try {
    await mkdir(LAB, { recursive: true });
    await writeFile(NAMESPACE_FILE, `${namespace}\n`);
    await makeNamespace(namespace);
    const again = [
      import.meta.filename,
      '--inner',
      '--hypervisors',
      flags.hypervisors,
      '--',
      ...vitestArguments,
    ];
    return await exec('ip', ['netns', 'exec', namespace, process.execPath, ...again], { OSLAB_DIR: LAB });
  } finally {
    ignoreSignals();
    if (flags.keep) {
      report(`kept in ${LAB}; enter: ip netns exec ${namespace} bash; stop: ${STOP_COMMAND}`);
    } else {
      await stopLab(namespace);
      report('cleaned up');
    }
  }
}

async function main(): Promise<number> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('needs Linux and root: it installs Debian packages and makes a network namespace');
  }
  if (!/^[1-9]\d{0,2}$/.test(flags.hypervisors))
    throw new Error('--hypervisors takes a number from 1 to 999');
  stopOnSignals();
  if (flags.inner) return inner();
  if (flags.stop) {
    await stopLab(labNamespace());
    return 0;
  }
  return outer();
}

try {
  process.exitCode = await main();
} catch (error) {
  report(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
