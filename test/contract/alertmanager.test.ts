import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startAlertmanager, type AlertmanagerServer } from '../../lab/servers/index.ts';
import {
  createAlertmanagerClient,
  type AlertmanagerClient,
  type SilenceSpec,
} from '../../src/alertmanager/client.ts';
import type { Silence } from '../../src/alertmanager/schema.ts';
import { findDeadUrl } from './fakeHttp.ts';

/** The first start on a machine fetches the tools, and builds one of them. */
const FIRST_START_MS = 600_000;

const HOUR_MS = 3_600_000;
const UNKNOWN_ID = '11111111-2222-3333-4444-555555555555';

let server: AlertmanagerServer;
let client: AlertmanagerClient;

beforeAll(async () => {
  server = await startAlertmanager();
  client = aClient([server.url]);
}, FIRST_START_MS);

afterAll(() => server.stop());

function aClient(urls: readonly string[]): AlertmanagerClient {
  return createAlertmanagerClient({ urls, auth: { kind: 'none' }, requestTimeoutMs: 5_000 });
}

function inHours(hours: number): string {
  return new Date(Date.now() + hours * HOUR_MS).toISOString();
}

function aSilence(probeId: string, fields: Partial<SilenceSpec> = {}): SilenceSpec {
  return {
    matchers: [{ name: 'probe_id', value: probeId, isRegex: true, isEqual: true }],
    startsAt: inHours(-1),
    endsAt: inHours(1),
    createdBy: 'innervisor/test/luxembourg',
    comment: 'probe is being removed',
    ...fields,
  };
}

async function findSilence(id: string): Promise<Silence> {
  const found = (await client.listSilences()).find((silence) => silence.id === id);
  if (found === undefined) throw new Error(`no silence ${id}`);
  return found;
}

describe('listing silences', () => {
  test('a silence is listed under its author and state', async () => {
    const spec = aSilence('0000000a', { createdBy: 'innervisor/test/a' });

    const id = await client.createSilence(spec);

    const listed = await client.listSilences({ createdBy: 'innervisor/test/a', states: ['active'] });
    expect(listed).toMatchObject([{ id, state: 'active', matchers: spec.matchers, comment: spec.comment }]);
  });

  test("other authors' and other states' silences are left out", async () => {
    await client.createSilence(aSilence('0000000b', { createdBy: 'somebody' }));
    const pending = await client.createSilence(
      aSilence('0000000c', { createdBy: 'b', startsAt: inHours(0.5) }),
    );

    expect(await client.listSilences({ createdBy: 'b' })).toMatchObject([{ id: pending, state: 'pending' }]);
    expect(await client.listSilences({ createdBy: 'b', states: ['active', 'expired'] })).toEqual([]);
  });

  test('a start in the past is moved to now', async () => {
    const before = Date.now();

    const id = await client.createSilence(aSilence('0000000d', { startsAt: inHours(-1) }));

    expect(Date.parse((await findSilence(id)).startsAt)).toBeGreaterThanOrEqual(before);
  });
});

describe('updating a silence', () => {
  test('keeps the id when only the end is changed and the start is the one that Alertmanager reports', async () => {
    const spec = aSilence('0000000e');
    const id = await client.createSilence(spec);
    const { startsAt } = await findSilence(id);
    const endsAt = inHours(2);

    const updated = await client.updateSilence(id, { ...spec, startsAt, endsAt });

    expect(updated).toBe(id);
    expect((await findSilence(id)).endsAt).toBe(endsAt);
  });

  test('gives a new id and expires the old silence when the start is another', async () => {
    const spec = aSilence('0000000f');
    const id = await client.createSilence(spec);

    const updated = await client.updateSilence(id, { ...spec, endsAt: inHours(2) });

    expect(updated).not.toBe(id);
    expect(await findSilence(id)).toMatchObject({ state: 'expired' });
    expect(await findSilence(updated)).toMatchObject({ state: 'active' });
  });

  test('gives a new id and expires the old silence when matchers change', async () => {
    const id = await client.createSilence(aSilence('00000010'));
    const { startsAt } = await findSilence(id);

    const updated = await client.updateSilence(id, aSilence('00000011', { startsAt }));

    expect(updated).not.toBe(id);
    expect(await findSilence(id)).toMatchObject({ state: 'expired' });
  });

  test('gives a new id when the old silence has expired', async () => {
    const spec = aSilence('00000012');
    const id = await client.createSilence(spec);
    await client.expireSilence(id);

    const updated = await client.updateSilence(id, spec);

    expect(updated).not.toBe(id);
    expect(await findSilence(updated)).toMatchObject({ state: 'active' });
  });

  test('an unknown id is not found', async () => {
    const update = client.updateSilence(UNKNOWN_ID, aSilence('00000013'));

    await expect(update).rejects.toMatchObject({ code: 'notFound', status: 404, effect: 'none' });
  });
});

describe('expiring a silence', () => {
  test('expires it, and once more is a success', async () => {
    const id = await client.createSilence(aSilence('00000014'));

    await client.expireSilence(id);
    await client.expireSilence(id);

    expect(await findSilence(id)).toMatchObject({ state: 'expired' });
  });

  test('an unknown id is a success', async () => {
    await expect(client.expireSilence(UNKNOWN_ID)).resolves.toBeUndefined();
  });

  test('what is no id at all is refused with the reason', async () => {
    const expire = client.expireSilence('nope');

    await expect(expire).rejects.toMatchObject({
      code: 'badRequest',
      message: expect.stringContaining('uuid'),
    });
  });
});

test('a silence that ends before it starts is refused with the reason', async () => {
  const create = client.createSilence(aSilence('00000015', { endsAt: '2020-01-01T00:00:00Z' }));

  await expect(create).rejects.toMatchObject({
    code: 'badRequest',
    effect: 'none',
    message: expect.stringContaining('start time must be before end time'),
  });
});

test('an alert says which silence hides it', async () => {
  const body = JSON.stringify([{ labels: { alertname: 'ProbeDown', probe_id: '00000016' } }]);
  const headers = { 'content-type': 'application/json' };
  await fetch(`${server.url}/api/v2/alerts`, { method: 'POST', headers, body });

  const id = await client.createSilence(aSilence('00000016'));

  await expect
    .poll(() => client.listAlerts(['probe_id="00000016"']), { timeout: 20_000 })
    .toMatchObject([{ state: 'suppressed', silencedBy: [id], labels: { alertname: 'ProbeDown' } }]);
  expect(await client.listAlerts(['probe_id="ffffffff"'])).toEqual([]);
}, 30_000);

describe('a cluster', () => {
  test('a dead member is passed over by reads and writes', async () => {
    const cluster = aClient([await findDeadUrl(), server.url]);

    const id = await cluster.createSilence(aSilence('00000017'));

    expect(await findSilence(id)).toMatchObject({ state: 'active' });
    expect(await cluster.getStatus()).toMatchObject({ cluster: 'disabled', peers: 0 });
  });

  test('the error tells about every member when none answers', async () => {
    const urls = [await findDeadUrl(), await findDeadUrl()];

    const create = aClient(urls).createSilence(aSilence('00000018'));

    await expect(create).rejects.toMatchObject({ code: 'unreachable', effect: 'none' });
    await expect(create).rejects.toThrow(new RegExp(urls.map((url) => new URL(url).host).join('.*')));
  });
});
