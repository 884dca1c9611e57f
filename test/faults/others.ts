import { readFile, writeFile } from 'node:fs/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Stack } from '../../lab/stack/index.ts';
import { lookFromOutside, type Outside } from './outside.ts';
import type { TestedRegion } from './region.ts';
import { connectS3 } from './s3.ts';
import { peersKeyOf, targetsPathOf } from './stack.ts';

const HOST = 'cmp001';
const HOUR_MS = 3_600_000;

/** What somebody else has beside a region; its name begins as the region's. */
export interface Others {
  readonly name: string;
  readonly objects: readonly string[];
  readonly targets: string;
  readonly silence: string;
}

/** Puts another region's servers, documents, targets and silence beside a region, in the same cloud and servers. */
export async function settleOthers(region: TestedRegion, stack: Stack): Promise<Others> {
  const name = `${region.name}-other`;
  await settleServers(region, name);
  using s3 = connectS3(stack.s3);
  const objects = [peersKeyOf(name), `passes/${name}/memory/test.json`, `passes/${name}/orders/test.json`];
  for (const Key of objects)
    await s3.client.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body: '{}' }));
  const targets = JSON.stringify([
    { targets: ['127.0.0.1:9'], labels: { region: name, probe_id: '0000000b' } },
  ]);
  await writeFile(targetsPathOf(name, stack.prometheus.fileSdPath), targets);
  return { name, objects, targets, silence: await silence(stack, name) };
}

async function settleServers({ name: own, observer, foreign }: TestedRegion, other: string): Promise<void> {
  const marked = {
    metadata: {
      ...{ innervisor_installation: 'test', innervisor_region: other, innervisor_hypervisor: HOST },
      ...{ innervisor_probe: '0000000b', innervisor_revision: 'r', innervisor_generation: '1' },
    },
    tags: ['innervisor', 'innervisor-test', `innervisor-region-${other}`, 'innervisor-probe-0000000b'],
  };
  const byHalf = ['innervisor', 'innervisor-test', `innervisor-region-${own}`, 'innervisor-probe-0000000c'];
  for (const wanted of [
    { name: 'probe-cmp001-0000000a', host: HOST },
    { name: 'probe-cmp001-0000000b', host: HOST, ...marked },
    { name: 'probe-cmp001-0000000c', host: HOST, tags: byHalf },
  ]) {
    const server = await observer.createServer(wanted);
    foreign.set(server.id, server);
  }
}

async function silence({ alertmanager }: Stack, region: string): Promise<string> {
  const body = {
    matchers: [{ name: 'probe_id', value: '0000000b', isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + HOUR_MS).toISOString(),
    createdBy: `innervisor/test/${region}`,
    comment: 'somebody else’s',
  };
  const answer = await fetch(`${alertmanager.url}/api/v2/silences`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  });
  return ((await answer.json()) as { readonly silenceID: string }).silenceID;
}

/** Which of it, its servers apart, is no longer as it was. */
export async function findMissingOfOthers(
  { name, objects, targets, silence: silenceId }: Others,
  stack: Stack,
  outside: Outside,
): Promise<readonly string[]> {
  const keys = (
    await Promise.all(['passes/', 'peers/'].map((place) => outside.objectKeys(`${place}${name}`)))
  ).flat();
  const present = await readFile(targetsPathOf(name, stack.prometheus.fileSdPath), 'utf8').catch(() => '');
  const silences = await lookFromOutside(stack, name).silences();
  const isSilenced = silences.some(({ id, status }) => id === silenceId && status.state === 'active');
  return [
    ...objects.filter((key) => !keys.includes(key)),
    ...(present === targets ? [] : ['the targets file']),
    ...(isSilenced ? [] : ['the silence']),
  ].map((what) => `${what} of ${name} was touched`);
}
