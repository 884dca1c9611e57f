import { rm } from 'node:fs/promises';
import { startStack, type Stack } from '../stack/index.ts';
import { createAlertWatch } from './alerts.ts';
import { startDemoCloud, type DemoCloud } from './cloud.ts';
import { REGION, renderDemoConfig } from './config.ts';
import { findMonitoring } from './monitoring.ts';
import { isInNamespace } from './namespace.ts';
import type { DemoOptions } from './options.ts';
import { runPass, type PassSummary } from './pass.ts';
import { play, renderMoves } from './play.ts';
import { renderJson, renderPass } from './render.ts';
import { makeRunFolder } from './runFolder.ts';
import { checkFirstPass, checkSecondPass } from './verdict.ts';

/** Tried first; where one is taken, a free one is used and shown. */
const PORTS = { temporal: 7233, webUi: 8233, prometheus: 9090, alertmanager: 9093, s3: 7070 } as const;

/** How the demo talks and is stopped. */
export interface DemoContext {
  readonly signal: AbortSignal;
  /** Takes a line that isn't a result. */
  readonly log: (line: string) => void;
}

interface Demo {
  readonly cloud: DemoCloud;
  readonly stack: Stack;
}

/** Starts the region, runs what was asked for, stops everything, and gives the exit code. */
export async function runDemo(options: DemoOptions, context: DemoContext): Promise<number> {
  const { signal, log } = context;
  await using resources = new AsyncDisposableStack();
  const folder = await makeRunFolder();
  resources.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  log(`starting Temporal, Prometheus, Alertmanager, S3 and a cloud of ${options.hypervisors} hypervisors`);
  const cloud = resources.use(await startDemoCloud({ ...options, folder, isAlone: isInNamespace(), log }));
  signal.throwIfAborted();
  // Two passes need no alerts, and are to cost what they cost.
  const monitoring = options.once ? undefined : await findMonitoring();
  const stack = resources.use(
    await startStack({
      folder,
      cloudsYaml: cloud.cloudsYaml,
      renderConfig: (addresses) =>
        renderDemoConfig(addresses, {
          ports: cloud.ports,
          hypervisors: options.hypervisors,
          workerPort: monitoring?.workerPort ?? null,
        }),
      scrapeInterval: scrapeInterval(options.hypervisors),
      webUi: !options.once,
      // A person reads it when the worker has ended.
      workerEnv: { INNERVISOR_LOG_FORMAT: 'text' },
      signal,
      ...(monitoring === undefined ? {} : { ports: PORTS, monitoring }),
    }),
  );
  signal.throwIfAborted();
  const demo = { cloud, stack };
  // Awaited here: what it runs on is stopped when this function ends.
  return await (options.once ? runOnce(demo, options, context) : playAlong(demo, context));
}

async function runOnce(demo: Demo, options: DemoOptions, context: DemoContext): Promise<number> {
  const passes: PassSummary[] = [];
  const problems: string[] = [];
  for (const [title, check] of [
    ['first pass', checkFirstPass],
    ['second pass', checkSecondPass],
  ] as const) {
    context.log(title);
    const pass = await followPass(demo, context);
    passes.push(pass);
    problems.push(...check(pass).map((problem) => `${title}: ${problem}`));
    if (options.output === 'text') console.log(renderPass(title, pass));
  }
  if (options.output === 'json') console.log(renderJson(REGION, passes));
  for (const problem of problems) context.log(`demo: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

async function playAlong(demo: Demo, context: DemoContext): Promise<number> {
  const pass = async (title: string): Promise<void> => {
    console.log(`\n${renderPass(title, await followPass(demo, context))}`);
  };
  await pass('first pass');
  const where = (): void => console.log(`\n${renderAddresses(demo)}`);
  where();
  console.log(`\nThe region stays up. Change the cloud and see what follows:\n${renderMoves()}\n`);
  try {
    const alerts = createAlertWatch(demo.stack.alertmanager.url, context.signal);
    const game = { cloud: demo.cloud, alerts, pass, where, say: (text: string) => console.log(text) };
    await play(game, { input: process.stdin, output: process.stdout, signal: context.signal });
  } catch (error) {
    // Here Ctrl-C is the way to end it, in the middle of a move as well.
    if (!context.signal.aborted) throw error;
  }
  return 0;
}

function followPass({ cloud, stack }: Demo, { signal, log }: DemoContext): Promise<PassSummary> {
  if (!stack.worker.isAlive()) throw new Error(`the worker has ended: ${stack.worker.lastOutput()}`);
  return runPass(stack, cloud, { signal, onProgress: (text) => log(text.trimEnd()) });
}

function renderAddresses({ stack, cloud }: Demo): string {
  const { temporal, prometheus, alertmanager, s3 } = stack;
  const up = encodeURIComponent(`up{region="${REGION}"}`);
  return [
    'Open in a browser:',
    `  Temporal Web UI  ${temporal.webUiUrl}/namespaces/default/workflows`,
    `  Prometheus       ${prometheus.url}/graph?g0.expr=${up}&g0.tab=1`,
    `  its rules        ${prometheus.url}/alerts`,
    `  Alertmanager     ${alertmanager.url}/#/alerts`,
    `  its silences     ${alertmanager.url}/#/silences`,
    'Look into:',
    `  list of peers    ${s3.endpoint}/${stack.bucket}/peers/${REGION}.json`,
    `  the cloud        OS_CLIENT_CONFIG_FILE=${cloud.cloudsYaml} openstack --os-cloud ${REGION} server list`,
    `  configuration    ${stack.configPath}`,
  ].join('\n');
}

/** So that scraping doesn't take the machine from what is to be seen. */
function scrapeInterval(hypervisors: number): string {
  if (hypervisors <= 50) return '1s';
  return hypervisors <= 500 ? '5s' : '30s';
}
