import { readFile, stat } from 'node:fs/promises';
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { Stack } from '../../lab/stack/index.ts';
import { connectS3 } from './s3.ts';
import { peersKeyOf, targetsPathOf } from './stack.ts';

/** A server that is gone refuses at once; one on a busy machine only takes its time. */
const TIMEOUT_MS = 20_000;

const peersDocument = z.object({
  generation: z.number(),
  peers: z.array(z.object({ probe_id: z.string(), server_id: z.string(), address: z.string() })),
});
const targetsDocument = z.array(
  z.object({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()) }),
);
const activeTargets = z.object({
  data: z.object({
    activeTargets: z.array(z.object({ discoveredLabels: z.record(z.string(), z.string()) })),
  }),
});
const memoryDocument = z.object({ unconfirmed: z.array(z.object({ serverId: z.string() })) });
const vector = z.object({ data: z.object({ result: z.array(z.unknown()) }) });
const silences = z.array(
  z.object({
    id: z.string(),
    createdBy: z.string(),
    updatedAt: z.string(),
    startsAt: z.string(),
    endsAt: z.string(),
    status: z.object({ state: z.string() }),
    matchers: z.array(z.object({ name: z.string(), value: z.string() })),
  }),
);

/** The peers document as probes read it. */
export type SeenPeers = z.infer<typeof peersDocument>;
/** A silence as Alertmanager shows it, ended ones too. */
export type SeenSilence = z.infer<typeof silences>[number];

/** Whether a silence suppressed alerts at that time (ms since 1970): it had begun and hadn't ended. */
export function isInForce({ startsAt, endsAt }: SeenSilence, atMs: number): boolean {
  return Date.parse(startsAt) <= atMs && atMs < Date.parse(endsAt);
}

/** What S3, Prometheus and Alertmanager themselves say about a region; shares no code with the product. */
export interface Outside {
  /** The peers document; `null` when there is none. @throws Error when S3 doesn't answer or the document is broken. */
  peers(): Promise<SeenPeers | null>;
  /** The keys of the bucket's objects below a prefix, of whatever region. */
  objectKeys(prefix: string): Promise<readonly string[]>;
  /** The text of an object. @throws Error when it isn't there. */
  object(key: string): Promise<string>;
  /** The file that Prometheus reads; `null` when there is none. @throws Error when it is broken. */
  targetsFile(): Promise<z.infer<typeof targetsDocument> | null>;
  /** The ids of the servers that passes were told of and haven't published; none where nothing is remembered. */
  rememberedServers(): Promise<readonly string[]>;
  /** What Prometheus scrapes, by the labels that it discovered. */
  scraped(): Promise<readonly Readonly<Record<string, string>>[]>;
  /** The region's own silences, by their author. */
  silences(): Promise<readonly SeenSilence[]>;
  /** Every write that concerns the region so far: to S3, to Alertmanager and to the targets file. */
  writes(): Promise<ReadonlySet<string>>;
  /** How many series a query of Prometheus gives. */
  query(expression: string): Promise<number>;
}

/** A server that isn't there can't be asked; this tells it from one that says something wrong. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Looks at one region. */
export function lookFromOutside(stack: Stack, region: string): Outside {
  const targetsPath = targetsPathOf(region, stack.prometheus.fileSdPath);
  const { client: s3 } = connectS3(stack.s3);
  return {
    objectKeys: listKeys,
    object: readObject,
    rememberedServers: async () => {
      const text = await readObject(`passes/${region}/memory/test.json`).catch((error: unknown) => {
        if (error instanceof NoSuchKey) return null;
        throw new Unreachable('S3', { cause: error });
      });
      if (text === null) return [];
      return memoryDocument.parse(JSON.parse(text)).unconfirmed.map(({ serverId }) => serverId);
    },
    peers: async () => {
      const response = await ask(`${stack.s3.endpoint}/${stack.bucket}/${peersKeyOf(region)}`);
      if (response.status === 404) return null;
      return peersDocument.parse(await body(response));
    },
    targetsFile: async () => {
      try {
        return targetsDocument.parse(JSON.parse(await readFile(targetsPath, 'utf8')));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
    },
    scraped: async () => {
      const response = await ask(`${stack.prometheus.url}/api/v1/targets?state=active`);
      return activeTargets
        .parse(await body(response))
        .data.activeTargets.map(({ discoveredLabels }) => discoveredLabels)
        .filter((labels) => labels['region'] === region);
    },
    query: async (expression) => {
      const query = encodeURIComponent(expression);
      const response = await ask(`${stack.prometheus.url}/api/v1/query?query=${query}`);
      return vector.parse(await body(response)).data.result.length;
    },
    silences: listSilences,
    writes: async () => {
      const stored = (await stack.s3.requests())
        .filter(({ method, path }) => !['GET', 'HEAD'].includes(method) && isOf(path, region))
        .map(({ method, path }, place) => `${method} ${path} (${place + 1})`);
      const silenced = (await listSilences()).map(({ id, updatedAt }) => `silence ${id} at ${updatedAt}`);
      const file = await stat(targetsPath).catch(() => undefined);
      return new Set([...stored, ...silenced, `targets file ${file?.ino ?? 0} at ${file?.mtimeMs ?? 0}`]);
    },
  };

  async function listKeys(prefix: string): Promise<readonly string[]> {
    const { Contents = [], IsTruncated } = await s3.send(
      new ListObjectsV2Command({ Bucket: stack.bucket, Prefix: prefix }),
    );
    if (IsTruncated === true) throw new Error(`more lies below ${prefix} than one page holds`);
    return Contents.map(({ Key = '' }) => Key);
  }

  async function readObject(key: string): Promise<string> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key: key }));
    return (await Body?.transformToString()) ?? '';
  }

  async function listSilences(): Promise<readonly SeenSilence[]> {
    const answer = await ask(`${stack.alertmanager.url}/api/v2/silences`);
    return silences
      .parse(await body(answer))
      .filter(({ createdBy }) => createdBy === `innervisor/test/${region}`);
  }
}

function isOf(path: string, region: string): boolean {
  return path.includes(`/${region}/`) || path.endsWith(`/${region}.json`);
}

async function ask(url: string): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw new Unreachable(url, { cause: error });
  }
}

async function body(response: Response): Promise<unknown> {
  if (response.status >= 500) throw new Unreachable(`${response.url} answers ${response.status}`);
  try {
    return await response.json();
  } catch (error) {
    // A server that is killed in the middle of an answer isn't one that answers wrongly.
    throw new Unreachable(response.url, { cause: error });
  }
}
