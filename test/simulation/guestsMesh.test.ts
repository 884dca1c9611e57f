import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { computePings, createSharedChoice } from '../../lab/guests/mesh.ts';
import { readUserData } from '../../lab/guests/cloudConfig.ts';
import { readSettings } from '../../lab/guests/settings.ts';
import { userData } from './support/guests.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/mesh');

const Case = z.object({
  peersMax: z.number(),
  watchers: z.number(),
  probes: z.array(z.object({ probe_id: z.string(), availability_zone: z.string().nullable() })),
  watchersOf: z.record(z.string(), z.array(z.string())),
});

test.for(await readdir(FIXTURES))('Guests ping each other as probes do in %s', async (file) => {
  const { probes, watchersOf, ...size } = await readCase(file);

  const pings = computePings(
    probes.map((probe) => ({ probeId: probe.probe_id, availabilityZone: probe.availability_zone })),
    size,
  );

  const watchers = Object.keys(watchersOf).map((watched) => {
    const ids = [...pings].filter(([, pinged]) => pinged.has(watched)).map(([id]) => id);
    return [watched, ids.toSorted()];
  });
  expect(Object.fromEntries(watchers)).toEqual(watchersOf);
});

test('A guest that is not listed yet pings whom it is going to ping', async () => {
  const { probes, watchersOf, ...size } = await readCase('seventy.json');
  const [own, ...others] = probes;
  if (own === undefined) throw new Error('no probes');
  const data = userData('http://127.0.0.1:9/', own.probe_id, {
    settings: {
      availability_zone: own.availability_zone ?? '',
      peers_max: size.peersMax,
      watchers: size.watchers,
    },
  });
  const peers = others.map((probe, index) => ({
    probeId: probe.probe_id,
    address: `127.0.0.${index}`,
    hypervisor: 'hv',
    availabilityZone: probe.availability_zone,
  }));

  const chosen = createSharedChoice()({ generation: 1, sha256: '', peers }, readSettings(readUserData(data)));

  const watched = Object.keys(watchersOf).filter((id) => watchersOf[id]?.includes(own.probe_id));
  expect(chosen.map(({ probeId }) => probeId).toSorted()).toEqual(watched.toSorted());
});

async function readCase(file: string): Promise<z.output<typeof Case>> {
  return Case.parse(JSON.parse(await readFile(join(FIXTURES, file), 'utf8')));
}
