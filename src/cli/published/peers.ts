import { z } from 'zod';
import type { RegionConfig } from '../../config/index.ts';
import { loadPem } from '../../config/secrets.ts';
import type { PeersDocument } from '../../domain/document.ts';
import { getAnonymously } from '../../objectstore/anonymous.ts';
import { ObjectStoreError } from '../../objectstore/error.ts';
import { CliError } from '../errors.ts';

const BYTES_MAX = 16 * 1024 * 1024;
const TIMEOUT_MS = 10_000;

const Peers = z.object({
  schema: z.literal(1),
  installation: z.string(),
  region: z.string(),
  generation: z.number().int().nonnegative(),
  peers: z.array(
    z.object({
      probe_id: z.string(),
      server_id: z.string(),
      address: z.string(),
      hypervisor: z.string(),
      availability_zone: z.string().nullable(),
    }),
  ),
});

/**
 * The list of peers at the URL at which the probes read it, without credentials as they do; its signature isn't checked.
 * `undefined` before the first pass has published one.
 * @throws ObjectStoreError where it can't be read from here; CliError where it is no list of peers of this region.
 */
export async function readPeers(region: string, { peers }: RegionConfig): Promise<PeersDocument | undefined> {
  const { readUrl, readCaFile } = peers;
  const ca =
    readCaFile === undefined ? undefined : await loadPem(readCaFile, `regions.${region}.peers.readCaFile`);
  const text = await read(readUrl, ca);
  if (text === undefined) return undefined;
  const parsed = Peers.safeParse(parseJson(text));
  if (!parsed.success || parsed.data.region !== region)
    throw new CliError(`${readUrl} is no list of peers of ${region}`, {
      hint: `check regions.${region}.peers.readUrl`,
    });
  return parsed.data;
}

async function read(url: string, ca: string | undefined): Promise<string | undefined> {
  try {
    return (await getAnonymously(url, { maxBytes: BYTES_MAX, timeoutMs: TIMEOUT_MS, ca })).body;
  } catch (error) {
    if (error instanceof ObjectStoreError && error.code === 'notFound') return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
