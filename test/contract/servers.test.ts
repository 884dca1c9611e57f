import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Client, Connection } from '@temporalio/client';
import { expect, test } from 'vitest';

import { ensureTools } from '../../lab/tools/ensureTools.ts';
import { eventually } from '../support/await.ts';
import { startAlertmanager, startPrometheus, startS3, startTemporal } from '../support/servers/index.ts';

test('Temporal starts with the search attributes of its caller and leaves nothing behind', async () => {
  const server = await startTemporal({ searchAttributes: { InnervisorRegion: 'Keyword' } });
  const connection = await Connection.connect({ address: server.address });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({
    namespace: 'default',
  });
  await new Client({ connection }).workflow.start('reconcileRegion', { taskQueue: 'none', workflowId: 'a' });
  await connection.close();
  await server.stop();

  expect(Object.keys(customAttributes)).toContain('InnervisorRegion');
  expectGone(server);
});

test('Prometheus scrapes what its targets document names, and reloads', async () => {
  await using server = await startPrometheus();
  const targets = [{ targets: [server.url.replace('http://', '')], labels: { probe: 'itself' } }];
  await writeFile(`${server.fileSdPath}.new`, JSON.stringify(targets));
  await rename(`${server.fileSdPath}.new`, server.fileSdPath);

  await eventually(
    async () => (await query(server.url, 'up{probe="itself",job="innervisor"}')).includes('"1"'),
    {
      describe: 'the target is up',
      timeoutMs: 30_000,
    },
  );
  await server.reload();
});

test('Prometheus says why it does not reload', async () => {
  await using server = await startPrometheus();
  await writeFile(server.configPath, 'wrong: true\n');

  await expect(server.reload()).rejects.toThrow('field wrong not found');
});

test('Alertmanager starts and is gone after its stop', async () => {
  const server = await startAlertmanager();
  const silences = await fetch(`${server.url}/api/v2/silences`).then((response) => response.json());
  await server.stop();

  expect(silences).toEqual([]);
  expectGone(server);
});

test('S3 lets anyone read under the public prefix only, and tells its requests by method', async () => {
  await using server = await startS3();
  await server.createBucket('documents', { publicReadPrefix: 'peers/' });
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  for (const key of ['peers/a.json', 'passes/b.json']) {
    await client.send(new PutObjectCommand({ Bucket: 'documents', Key: key, Body: '{}' }));
  }
  client.destroy();

  const [peers, passes] = await Promise.all(
    ['peers/a.json', 'passes/b.json'].map((key) => fetch(`${endpoint}/documents/${key}`)),
  );

  expect([peers?.status, passes?.status]).toEqual([200, 403]);
  expect(await server.requests()).toContainEqual({
    method: 'PUT',
    path: '/documents/peers/a.json',
    status: 200,
  });
  expect((await server.requests()).filter(({ method }) => method === 'GET')).toHaveLength(2);
});

test('an S3 account that was just made can sign, and may do nothing', async () => {
  await using server = await startS3();
  const guest = { accessKeyId: 'guest', secretAccessKey: 'guest-secret-key' };
  await server.createBucket('documents');
  await server.createUser(guest);
  const { endpoint, region } = server;
  const client = new S3Client({ endpoint, region, credentials: guest, forcePathStyle: true });
  const put = client.send(new PutObjectCommand({ Bucket: 'documents', Key: 'a', Body: '{}' }));

  await expect(put).rejects.toMatchObject({ name: 'AccessDenied' });
  client.destroy();
});

test('a server does not outlive a process that was killed', async () => {
  const module = fileURLToPath(import.meta.resolve('../support/servers/index.ts'));
  const script = `import { startS3 } from ${JSON.stringify(module)};
    const { pid, dir } = await startS3();
    console.log(JSON.stringify({ pid, dir }));
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(starter.stdout, 'data')) as [Buffer];
  const { pid, dir } = JSON.parse(line.toString()) as { pid: number; dir: string };
  expect(isRunning(pid)).toBe(true);

  starter.kill('SIGKILL');

  await eventually(() => !isRunning(pid), { describe: 'the server is gone' });
  // An end without hooks leaves the folder.
  await rm(dir, { recursive: true, force: true });
});

test('each tool runs', async () => {
  const { promtool, amtool } = await ensureTools(['promtool', 'amtool']);

  const versions = [promtool, amtool].map((tool) => promisify(execFile)(tool, ['--version']));

  await expect(Promise.all(versions)).resolves.toHaveLength(2);
});

async function query(url: string, expression: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  return response.text();
}

function expectGone({ dir, pid }: { readonly dir: string; readonly pid: number }): void {
  expect(isRunning(pid)).toBe(false);
  expect(existsSync(dir)).toBe(false);
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
