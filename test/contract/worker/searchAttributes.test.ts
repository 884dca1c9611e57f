import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTemporal, type TemporalServer } from '../../../lab/servers/index.ts';
import { SEARCH_ATTRIBUTES } from '../../../lab/stack/searchAttributes.ts';
import { ensureSearchAttributes, type AttributesDeps } from '../../../worker/searchAttributes.ts';

const ALL = [
  ...['InnervisorInstallation', 'InnervisorRegion', 'InnervisorOutcome'],
  ...['InnervisorCreated', 'InnervisorReplaced', 'InnervisorDeleted', 'InnervisorFailed'],
];

let empty: TemporalServer;
let full: TemporalServer;
let connections: readonly Connection[];
let said: string[];

/** One server with none of the attributes, and one where others have taken a name and the places of numbers. */
beforeAll(async () => {
  [empty, full] = await Promise.all([
    startTemporal(),
    startTemporal({ searchAttributes: { InnervisorOutcome: 'Text', One: 'Int', Two: 'Int' } }),
  ]);
  connections = await Promise.all([empty, full].map(({ address }) => Connection.connect({ address })));
});
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await Promise.all([empty.stop(), full.stop()]);
});
beforeEach(() => {
  said = [];
});

function deps(which: number, more: Partial<AttributesDeps> = {}): AttributesDeps {
  const connection = connections[which];
  if (connection === undefined) throw new RangeError(`no server ${which}`);
  const log = (line: string) => void said.push(line);
  return {
    operator: connection.operatorService,
    namespace: 'default',
    log,
    now: Date.now,
    settleMs: 0,
    ...more,
  };
}

test('what is missing is added, each once, and used only after the whole server has come to know it', async () => {
  let nowMs = 1_000;
  const list = await ensureSearchAttributes(deps(0, { now: () => nowMs, settleMs: 500 }));
  const before = await list();
  nowMs += 500;
  const after = await list();

  expect([before, after, said]).toEqual([[], ALL, []]);
  const again = await ensureSearchAttributes(deps(0, { settleMs: 60_000 }));
  expect([await again(), said]).toEqual([ALL, []]);
});

test('what has no room or another type is told with what to do, and the others are used', async () => {
  const list = await ensureSearchAttributes(deps(1));

  expect(await list()).toEqual(
    ALL.filter((name) => !['InnervisorOutcome', 'InnervisorReplaced', 'InnervisorDeleted'].includes(name)),
  );
  expect(said).toEqual([
    expect.stringContaining('search attribute InnervisorOutcome of namespace default is no Keyword'),
    expect.stringMatching(
      /InnervisorReplaced can't be added \(.*Int.*\).*temporal operator search-attribute create --namespace default --name InnervisorReplaced --type Int$/,
    ),
    expect.stringContaining('InnervisorDeleted'),
  ]);
});

test('an attribute that somebody removes later isn’t used any more', async () => {
  const list = await ensureSearchAttributes(deps(0));
  const { operatorService } = connections[0] as Connection;

  await operatorService.removeSearchAttributes({
    namespace: 'default',
    searchAttributes: ['InnervisorFailed'],
  });

  expect(await list()).toEqual(ALL.slice(0, -1));
});

test('a server that lets nobody look is told of, and none is used', async () => {
  const connection = await NativeConnection.connect({ address: empty.address });
  const operator = connection.operatorService;
  const list = await ensureSearchAttributes(deps(0, { operator, namespace: 'elsewhere' }));

  expect(said).toEqual([
    expect.stringMatching(/^search attributes of namespace elsewhere can't be listed \(.*elsewhere.*\)/),
  ]);
  await expect(list()).rejects.toThrow();
  await connection.close();
});

test('the lab begins with what a worker would add', async () => {
  const server = await startTemporal({ searchAttributes: SEARCH_ATTRIBUTES });
  const connection = await Connection.connect({ address: server.address });

  const list = await ensureSearchAttributes({
    ...deps(0, { settleMs: 60_000 }),
    operator: connection.operatorService,
  });

  expect([await list(), said]).toEqual([ALL, []]);
  await connection.close();
  await server.stop();
});
