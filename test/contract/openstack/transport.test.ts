import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, test, vi } from 'vitest';

import type { RequestRecord } from '../../../src/openstack/client.ts';
import { SECRET, startCloud, type Cloud } from './cloud.ts';
import { expectOpenStackError } from './expect-error.ts';

const LIMITS = '/v2.1/limits';
let cloud: Cloud;

afterEach(async () => {
  vi.useRealTimers();
  await cloud.close();
});

function createCertificate() {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', keyFile, '-out', certFile, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...algorithm, ...subject, ...files], { stdio: 'ignore' });
  const certificate = { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
  rmSync(folder, { recursive: true });
  return certificate;
}

test('a certificate is trusted by the configured CA only', async () => {
  const certificate = createCertificate();
  cloud = await startCloud(certificate);
  cloud.on('GET', '/v2.1/limits', 'limits');

  const refused = await expectOpenStackError(cloud.client().compute.getLimits());
  const limits = await cloud.client({ ca: certificate.cert }).compute.getLimits();

  expect(refused).toMatchObject({ code: 'connection', effect: 'none' });
  expect(refused.message).toContain('check its certificate and the configured CA');
  expect(limits.instances.used).toBe(1);
});

test('a clock that was wrong for a while and is set back holds up no request', async () => {
  cloud = await startCloud();
  cloud.on('GET', LIMITS, 'limits');
  const { compute } = cloud.client({ requestsPerSecond: 3 });
  const rightNow = Date.now.bind(Date);

  const wrong = vi.spyOn(Date, 'now').mockImplementation(() => rightNow() + 600_000);
  await compute.getLimits();
  wrong.mockRestore();

  for (let request = 0; request < 5; request += 1) await compute.getLimits();
  expect(cloud.count('GET', LIMITS)).toBe(6);
});

test('no more requests than allowed are under way at once', async () => {
  cloud = await startCloud();
  const held: ServerResponse[] = [];
  cloud.on('GET', LIMITS, (_request, response) => void held.push(response));
  const { compute } = cloud.client({ concurrency: 2 });

  const calls = Array.from({ length: 6 }, () => compute.getLimits());
  for (const arrived of [2, 4, 6]) {
    await cloud.arrived('GET', LIMITS, arrived);
    await cloud.settle();
    expect(cloud.count('GET', LIMITS)).toBe(arrived);
    held.splice(0).forEach((response) => cloud.reply(response, 'limits'));
  }

  await expect(Promise.all(calls)).resolves.toHaveLength(6);
});

test('no more requests than allowed begin within any second', async () => {
  cloud = await startCloud();
  cloud.on('GET', LIMITS, 'limits');
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  const { compute } = cloud.client({ requestsPerSecond: 3 });

  // The token and one call at 0 ms, so that a third request may begin at 900 ms and two more at 1,000 ms.
  await compute.getLimits();
  await vi.advanceTimersByTimeAsync(900);
  const calls = Array.from({ length: 4 }, () => compute.getLimits());
  await cloud.arrived('GET', LIMITS, 2);
  await cloud.settle();
  expect(cloud.count('GET', LIMITS)).toBe(2);
  await vi.advanceTimersByTimeAsync(200);
  await cloud.arrived('GET', LIMITS, 4);
  await cloud.settle();
  expect(cloud.count('GET', LIMITS)).toBe(4);
  await vi.advanceTimersByTimeAsync(1_000);

  await expect(Promise.all(calls)).resolves.toHaveLength(4);
});

test('one connection carries one request, so that none is lost on a connection that the server just closed', async () => {
  cloud = await startCloud();
  cloud.on('GET', '/v2.1/limits', 'limits');
  const { compute } = cloud.client();

  await compute.getLimits();
  await compute.getLimits();

  expect(cloud.requests.map(({ headers }) => headers.connection)).toEqual(['close', 'close', 'close']);
});

test('every request is told of by its route, without ids and secrets', async () => {
  cloud = await startCloud();
  cloud.on('GET', '/v2.1/servers/secret-id', 'server-show-404');
  const records: RequestRecord[] = [];

  await cloud.client({ onRequest: (record) => records.push(record) }).compute.getServer('secret-id');

  expect(records.map(({ service, method, route, status }) => [service, method, route, status])).toEqual([
    ['identity', 'POST', '/auth/tokens', 201],
    ['compute', 'GET', '/', 200],
    ['compute', 'GET', '/servers/{id}', 404],
  ]);
  expect(records.at(-1)?.requestId).toMatch(/^req-/);
  expect(JSON.stringify(records)).not.toMatch(new RegExp(`${SECRET}|gAAAA|secret-id`));
});

test('a call that is aborted ends with the reason of its signal', async () => {
  cloud = await startCloud();
  const caller = new AbortController();
  cloud.on('GET', '/v2.1/limits', () => caller.abort(new Error('heartbeat lost')));

  const call = cloud.client().compute.getLimits(caller.signal);

  await expect(call).rejects.toThrow('heartbeat lost');
});
