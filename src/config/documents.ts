import { normalize } from 'node:path';
import type { ConfigFinding } from './error.ts';
import { type KeyPath, renderKeyPath } from './keys.ts';
import type { PublishConfig } from './publish.ts';
import type { Config, RegionConfig } from './schema.ts';

/** A document that a region writes, and the key that says where. */
interface WrittenDocument {
  readonly path: KeyPath;
  readonly id: string;
  /** The object's key, if it is one. */
  readonly object?: string;
}

type Finding = (path: KeyPath, message: string) => ConfigFinding;

/**
 * Documents that two regions would write, each undoing the other's work in every pass; a second list of targets to
 * serve for one region; objects that lie where those of passes are removed after some time.
 */
export function findDocumentFlaws(config: Config, finding: Finding): readonly ConfigFinding[] {
  const owners = new Map<string, { readonly region: string; readonly path: KeyPath }>();
  return Object.entries(config.regions).flatMap(([region, settings]) => {
    const documents = listDocuments(settings);
    return documents.flatMap((document) => {
      const { path, id } = document;
      const owner = owners.get(id) ?? { region, path };
      owners.set(id, owner);
      const flaw =
        describeSharing(document, region, owner) ??
        describePruning(document, settings, config.artifacts) ??
        describeSecondList(document, documents);
      return flaw === undefined ? [] : [finding(['regions', region, ...path], flaw)];
    });
  });
}

function describeSharing(
  { path, id }: WrittenDocument,
  region: string,
  owner: { readonly region: string; readonly path: KeyPath },
): string | undefined {
  if (owner.region !== region)
    return `${id} is already that of region ${owner.region}; give each region its own`;
  // Two servers may read one list of targets, but that isn't the list of peers.
  if (owner.path[0] === path[0]) return undefined;
  return `${id} is already that of ${renderKeyPath(owner.path)}; give each its own`;
}

function describePruning(
  { object }: WrittenDocument,
  { peers }: RegionConfig,
  { bucket, prefix }: Config['artifacts'],
): string | undefined {
  if (object === undefined || peers.bucket !== bucket || !object.startsWith(prefix)) return undefined;
  return `lies below artifacts.prefix (${prefix}), where objects are removed after artifacts.keepDays; move it elsewhere`;
}

function describeSecondList(
  { path, object, id }: WrittenDocument,
  documents: readonly WrittenDocument[],
): string | undefined {
  const first = documents.find((other) => other.object !== undefined && other.path[0] === 'prometheus');
  if (path[0] !== 'prometheus' || object === undefined || first === undefined || first.id === id)
    return undefined;
  return `a worker serves one list for a region, and that is ${first.id}; give the same key, or leave publish out`;
}

function listDocuments({ prometheus, peers }: RegionConfig): readonly WrittenDocument[] {
  const inBucket = (key: string): Pick<WrittenDocument, 'id' | 'object'> => ({
    id: `object ${peers.bucket}/${key}`,
    object: key,
  });
  const publish = (path: KeyPath, config: PublishConfig): WrittenDocument => {
    switch (config.kind) {
      case 'file':
        return { path: [...path, 'path'], id: `file ${normalize(config.path)}` };
      case 'sftp':
        return {
          path: [...path, 'path'],
          id: `file ${normalize(config.path)} on ${config.host}:${config.port}`,
        };
      case 'http':
        return { path: [...path, 'key'], ...inBucket(config.key) };
    }
  };
  return [
    { path: ['peers', 'key'], ...inBucket(peers.key) },
    publish(['prometheus', 'publish'], prometheus.publish),
    ...prometheus.replicas.flatMap((replica, index) =>
      replica.publish === undefined
        ? []
        : [publish(['prometheus', 'replicas', index, 'publish'], replica.publish)],
    ),
  ];
}
