import { expect, test } from 'vitest';

import { createAlertmanagerClient } from '../../../src/alertmanager/client.ts';
import type { HttpRequestRecord } from '../../../src/http/connection.ts';
import { findDeadUrl, reply, startFakeHttp } from '../../contract/fakeHttp.ts';

test('each request is told by its route and what was answered, and never by the id of a silence', async () => {
  const server = await startFakeHttp(({ method }, response) => {
    reply(method === 'DELETE' ? 500 : 200, '{}')({} as never, response);
  });
  const told: HttpRequestRecord[] = [];
  const urls = [server.url, await findDeadUrl()];
  const client = createAlertmanagerClient({
    urls,
    auth: { kind: 'none' },
    requestTimeoutMs: 5_000,
    onRequest: (request) => void told.push(request),
  });

  await expect(client.expireSilence('1a2b3c4d')).rejects.toThrow('1a2b3c4d');
  await server.stop();

  expect(told.map(({ method, route, status }) => `${method} ${route} ${status}`)).toEqual([
    'DELETE /api/v2/silence/{id} 500',
    'GET /api/v2/silence/{id} 200',
    'DELETE /api/v2/silence/{id} undefined',
  ]);
  expect(told.every(({ durationMs }) => durationMs >= 0)).toBe(true);
});
