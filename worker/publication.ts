import { createFilePublisher } from '../src/activities/publication/file.ts';
import { createObjectPublisher } from '../src/activities/publication/object.ts';
import type { TargetsPublisher } from '../src/activities/publication/publisher.ts';
import type { Publication } from '../src/activities/publication/replicas.ts';
import { createSftpPublisher } from '../src/activities/publication/sftp.ts';
import { loadHttpAccess } from '../src/config/httpAccess.ts';
import type { RegionConfig } from '../src/config/index.ts';
import { loadSshKey } from '../src/config/secrets.ts';
import type { TargetOwner } from '../src/domain/target.ts';
import type { ObjectStore } from '../src/objectstore/client.ts';
import { createPrometheusClient, type PrometheusOptions } from '../src/prometheus/client.ts';
import { createSftpClient } from '../src/sftp/client.ts';

type PublishConfig = RegionConfig['prometheus']['publish'];

/** What a region's ways of publishing are made with. */
interface Surroundings {
  readonly owner: TargetOwner;
  /** Where objects go. */
  readonly store: ObjectStore;
  /** The key of `prometheus`, for errors. */
  readonly key: string;
  /** Told of every request to Prometheus. */
  readonly onRequest?: PrometheusOptions['onRequest'];
}

/**
 * Every Prometheus of a region, with the document that each reads; one that reads the same as another has the same one.
 * @throws ConfigReferenceError for a secret file that can't be used.
 */
export async function createPublication(
  { prometheus, openstack }: RegionConfig,
  surroundings: Surroundings,
): Promise<Publication> {
  const { key, onRequest } = surroundings;
  const { requestMs: requestTimeoutMs } = openstack.timeouts;
  const access = await loadHttpAccess(prometheus, key);
  const known = new Map<string, Promise<TargetsPublisher>>();
  const publisherFor = (publish: PublishConfig, at: string): Promise<TargetsPublisher> => {
    const id = JSON.stringify(publish);
    const publisher = known.get(id) ?? createPublisher(publish, at, requestTimeoutMs, surroundings);
    known.set(id, publisher);
    return publisher;
  };
  const servers = [
    { url: prometheus.url, publish: prometheus.publish, at: `${key}.publish` },
    ...prometheus.replicas.map(({ url, publish }, index) => ({
      url,
      ...(publish === undefined
        ? { publish: prometheus.publish, at: `${key}.publish` }
        : { publish, at: `${key}.replicas.${index}.publish` }),
    })),
  ];
  return {
    replicas: await Promise.all(
      servers.map(async ({ url, publish, at }) => ({
        name: new URL(url).host,
        prometheus: createPrometheusClient({ url, requestTimeoutMs, onRequest, ...access }),
        publisher: await publisherFor(publish, at),
      })),
    ),
    required: prometheus.required,
    reload: prometheus.reload,
  };
}

async function createPublisher(
  publish: PublishConfig,
  key: string,
  timeoutMs: number,
  { owner, store }: Surroundings,
): Promise<TargetsPublisher> {
  switch (publish.kind) {
    case 'file':
      return createFilePublisher(publish.path, owner);
    case 'http':
      return createObjectPublisher({ store, key: publish.key }, owner);
    case 'sftp': {
      const { host, port, user, path, hostKey } = publish;
      const privateKey = await loadSshKey(publish.privateKeyFile, `${key}.privateKeyFile`);
      const client = createSftpClient({ host, port, user, privateKey, hostKey, timeoutMs });
      return createSftpPublisher(client, { host, path }, owner);
    }
  }
}
