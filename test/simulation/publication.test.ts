import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, parseDocument, stringify } from 'yaml';

import {
  startPrometheus,
  startSshd,
  type PrometheusServer,
  type SshServer,
} from '../../lab/servers/index.ts';
import { freePorts } from '../../lab/servers/port.ts';
import type { OwnedProcess } from '../../lab/servers/process.ts';
import { createPrometheusClient } from '../../src/prometheus/client.ts';
import { eventually } from '../support/await.ts';
import { Life } from '../scenario/life.ts';
import { SimCloud } from './simCloud.ts';

let life: Life;
let sshd: SshServer;
let second: PrometheusServer;
let worker: OwnedProcess;
let port: number;

/** A region of two servers: one asks a worker for its targets, the other one gets them by SFTP. */
beforeAll(async () => {
  [life, sshd, second, [port = 0]] = await Promise.all([
    SimCloud.open().then((cloud) => Life.begin(cloud)),
    startSshd(),
    startPrometheus(),
    freePorts(1),
  ]);
  const { stack } = life;
  await stack.worker.stop();
  const config = parseDocument(await readFile(stack.configPath, 'utf8'));
  const privateKeyFile = join(stack.folder, 'ssh');
  await writeFile(privateKeyFile, sshd.userKey.privateKey, { mode: 0o600 });
  const { host, port: sshPort, user, hostKey } = sshd;
  const sftp = {
    kind: 'sftp',
    host,
    port: sshPort,
    user,
    path: second.targetsPath,
    privateKeyFile,
    hostKey: hostKey.publicKey,
  };
  const prometheus = ['regions', 'lab', 'prometheus'];
  config.setIn([...prometheus, 'publish'], { kind: 'http', key: 'targets/lab.json' });
  config.setIn([...prometheus, 'replicas'], [{ url: second.url, publish: sftp }]);
  config.setIn(['serviceDiscovery'], { listen: `127.0.0.1:${port}` });
  await writeFile(stack.configPath, config.toString());
  await askWorker(stack.prometheus);
  worker = await stack.startWorker();
});
afterAll(async () => {
  await second.stop();
  await sshd.stop();
  await life.end();
});

/** Lets a Prometheus ask the worker for its targets instead of reading a file. */
async function askWorker(server: PrometheusServer): Promise<void> {
  const config = parse(await readFile(server.configPath, 'utf8')) as { scrape_configs: object[] };
  const asking = { url: `http://127.0.0.1:${port}/targets/lab`, refresh_interval: '1s' };
  config.scrape_configs = [{ job_name: 'innervisor', http_sd_configs: [asking] }];
  await writeFile(server.configPath, stringify(config));
  await server.reload();
}

async function targetsAt({ url }: PrometheusServer): Promise<number> {
  const client = createPrometheusClient({ url, auth: { kind: 'none' }, requestTimeoutMs: 5_000 });
  return (await client.listActiveTargets()).length;
}

test('a pass ends when both servers have every target, and another one changes nothing', async () => {
  const { stack } = life;
  const count = life.hosts.length;

  expect(await stack.pass()).toMatchObject({ outcome: 'converged', created: count, verified: count });

  expect([await targetsAt(stack.prometheus), await targetsAt(second)]).toEqual([2 * count, 2 * count]);
  const { probes } = await life.world();
  expect(await stack.pass()).toMatchObject({ outcome: 'converged', created: 0, deleted: 0, kept: count });
  expect((await life.world()).probes).toEqual(probes);
});

test('without the server that is required a pass fails, names it, and changes nothing', async () => {
  const { probes } = await life.world();
  await second.crash();

  const { code, stderr } = await life.stack.innervisor('reconcile', 'lab');

  await second.restart();
  expect(code).toBe(1);
  expect(stderr).toContain(`Prometheus ${new URL(second.url).host}`);
  expect((await life.world()).probes).toEqual(probes);
});

test('without any worker no target is lost, and the next pass goes on', async () => {
  const { stack } = life;
  const count = life.hosts.length;
  await worker.kill();
  await eventually(
    async () => {
      const text = await (await fetch(`${stack.prometheus.url}/metrics`)).text();
      return Number(/^prometheus_sd_http_failures_total (.*)$/m.exec(text)?.[1]) >= 3;
    },
    { timeoutMs: 60_000, describe: 'Prometheus to have asked in vain' },
  );

  expect(await targetsAt(stack.prometheus)).toBe(2 * count);
  await stack.startWorker();
  expect(await stack.pass()).toMatchObject({ outcome: 'converged', kept: count, verified: count });
});
