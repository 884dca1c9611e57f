import { readServedTargets } from '../src/activities/publication/object.ts';
import { ConfigReferenceError } from '../src/config/error.ts';
import type { Config, RegionConfig } from '../src/config/index.ts';
import { readSecretFile } from '../src/config/secrets.ts';
import { createObjectStore } from '../src/objectstore/client.ts';
import type { HttpServer } from './httpServer.ts';
import { startServiceDiscovery, type ReadTargets } from './serviceDiscovery.ts';

/**
 * Serves the targets of the regions that publish by http, if there are any and this worker is to do it.
 * @throws ConfigReferenceError for a token that can't be read or an address at which it can't listen.
 */
export async function serveTargets(
  config: Config,
  log: (line: string) => void,
): Promise<HttpServer | undefined> {
  const { listen, tokenFile } = config.serviceDiscovery;
  const regions = new Map(
    Object.entries(config.regions).flatMap(([name, region]) => {
      const read = createReader(name, region, config.installation);
      return read === undefined ? [] : [[name, read] as const];
    }),
  );
  if (listen === null || regions.size === 0) return undefined;
  const token =
    tokenFile === undefined ? null : await readSecretFile(tokenFile, 'serviceDiscovery.tokenFile');
  try {
    return await startServiceDiscovery({ ...listen, token, regions, log });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const message =
      `serviceDiscovery.listen: cannot listen at ${listen.host}:${listen.port}: ${error.message}; ` +
      'choose another port, or null if another worker of this host serves the targets';
    throw new ConfigReferenceError(message);
  }
}

/** Reads the region's object of targets; `undefined` for a region that has none. */
function createReader(
  region: string,
  { prometheus, peers, openstack }: RegionConfig,
  installation: string,
): ReadTargets | undefined {
  const ways = [prometheus.publish, ...prometheus.replicas.flatMap(({ publish }) => publish ?? [])];
  const served = ways.find((publish) => publish.kind === 'http');
  if (served === undefined) return undefined;
  const { bucket, endpoint, region: s3Region } = peers;
  const requestTimeoutMs = openstack.timeouts.requestMs;
  const store = createObjectStore({ bucket, endpoint, region: s3Region, requestTimeoutMs });
  return (signal) => readServedTargets({ store, key: served.key }, { installation, region }, signal);
}
