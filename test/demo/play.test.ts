import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { makePlace } from './support.ts';

/** For as long the demo waits for an alert, and some more. */
const ALERT_MS = 240_000;

test('a player adds, takes away and breaks a hypervisor, sees what follows, and quits', async () => {
  await using place = await makePlace();
  const demo = place.start([]);
  await demo.says('quit');

  demo.type('add');
  await demo.says(/after add cmp013[^:]*: converged[\s\S]*created 1/);
  demo.type('remove cmp013');
  await demo.says(/second pass after remove cmp013: converged[\s\S]*deleted 1/);
  demo.type('break cmp002');
  await demo.says(/after break cmp002: converged[\s\S]*deferred 2/);
  demo.type('fly');
  await demo.says('"fly" is not known');
  demo.type('quit');

  expect(await demo.ended, demo.stderr()).toBe(0);
  expect(await place.left()).toEqual([]);
  expect(await place.processes()).toEqual([]);
});

test(
  'a player makes a hypervisor noisy, sees its alert fire with its labels, and sees it resolved',
  async () => {
    await using place = await makePlace();
    const demo = place.start([]);
    await demo.says('quit', ALERT_MS);

    demo.type('noisy cmp003');
    await demo.says(
      /it fires: InnervisorHypervisorSteal\{.*availability_zone="zone-a".*hypervisor="cmp003\.lab\.example".*region="luxembourg"/,
      ALERT_MS,
    );
    demo.type('calm cmp003');
    await demo.says('no alert about cmp003 fires any more', ALERT_MS);
    demo.type('calm cmp002');
    await demo.says('cmp002 is calm again; no alert about it was firing.');
    demo.type('quit');

    expect(await demo.ended, demo.stderr()).toBe(0);
    expect(await place.left()).toEqual([]);
  },
  4 * ALERT_MS,
);

test('moves that were piped in are all played before the end of the input ends it', async () => {
  await using place = await makePlace();
  const demo = place.start([]);
  for (const move of ['break cmp002', 'heal cmp002', 'where']) demo.type(move);
  demo.hangUp();

  expect(await demo.ended, demo.stderr()).toBe(0);
  expect(demo.stdout()).toMatch(
    /after heal cmp002: converged[\s\S]*replace cmp002\.lab\.example: not running/,
  );
  expect(demo.stdout().match(/Open in a browser/g)).toHaveLength(2);
  expect(await place.left()).toEqual([]);
});

test('Ctrl-C while it starts stops everything', async () => {
  await using place = await makePlace();
  const demo = place.start([]);
  await demo.says('starting Temporal');

  demo.kill('SIGINT');

  expect(await demo.ended).toBe(130);
  expect(await place.left()).toEqual([]);
  expect(await place.processes()).toEqual([]);
});

test('when the worker ends, so does the demo, and says so', async () => {
  await using place = await makePlace();
  const demo = place.start(['--once']);
  await demo.says('creating 9 probes');

  await place.crash('main.ts worker');

  expect(await demo.ended).toBe(1);
  expect(demo.stderr()).toContain('demo: the worker has ended; its last words:');
  expect(await place.left()).toEqual([]);
  expect(await place.processes()).toEqual([]);
});

test('what a killed demo left behind is removed by the next one', async () => {
  await using place = await makePlace();
  const killed = place.start([]);
  await killed.says('started reconcile');
  killed.kill('SIGKILL');
  await killed.ended;
  expect(await place.left()).toHaveLength(1);

  const next = place.start([]);
  await next.says('which a killed demo');
  next.kill('SIGINT');

  await next.ended;
  expect(await place.left()).toEqual([]);
  expect(await place.processes()).toEqual([]);
});

test('started beside another one, with a known port taken, it uses free ports and says so', async () => {
  await using place = await makePlace();
  const other = createServer().listen(9090, '127.0.0.1');
  // Taken by this test or by somebody else: either will do.
  await new Promise((resolve) => other.once('listening', resolve).once('error', resolve));
  const first = place.start([]);
  await first.says('Temporal Web UI');

  const second = place.start([]);
  await second.says('another demo is running');
  await second.says('Temporal Web UI');

  expect(first.stdout()).not.toContain('127.0.0.1:9090');
  for (const demo of [first, second]) demo.kill('SIGINT');
  expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
  other.close();
  expect(await place.left()).toEqual([]);
});
