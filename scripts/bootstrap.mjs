// Runs a command under the project's own Node with its locked packages, whatever Node (20 or newer) started it.
// It has no dependencies: it runs before there are any.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.innervisor-stamp');
const projectNode = join(modules, '.bin', 'node');
const oldestNode = 20;

function fail(text, code = 1) {
  process.stderr.write(`bootstrap: ${text}\n`);
  process.exit(code);
}

function installIfNeeded() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  process.stderr.write('bootstrap: installing the locked packages (npm ci)\n');
  // npm's own output goes to stderr: stdout belongs to the command.
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: pathWithoutProjectNode() },
  });
  if (npm.error) fail(`npm cannot be run: ${npm.error.message}`);
  if (npm.status !== 0) fail('npm ci has failed; its reason is above', npm.status ?? 1);
  writeFileSync(stamp, lock);
}

// `npm run` puts the project's Node first, and `npm ci` deletes it: npm must not run under it.
function pathWithoutProjectNode() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const others = folders.filter((folder) => folder !== dirname(projectNode));
  return others.some((folder) => existsSync(join(folder, 'node')))
    ? others.join(delimiter)
    : process.env.PATH;
}

function runCommand([command, ...args]) {
  const path = [join(modules, '.bin'), process.env.PATH].filter(Boolean).join(delimiter);
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, PATH: path } });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${command} cannot be run: ${error.message}`, 127));
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + constants.signals[signal]);
  });
}

if (Number(process.versions.node.split('.')[0]) < oldestNode) {
  fail(`Node ${oldestNode} or newer is needed to start with; this is ${process.version}`);
}
if (process.argv.length < 3) fail('usage: node scripts/bootstrap.mjs <command> [arguments]', 2);
installIfNeeded();
if (!existsSync(projectNode)) {
  fail(`npm has no Node for this platform (${process.platform} ${process.arch}); see toolchain/package.json`);
}
runCommand(process.argv.slice(2));
