import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { StackAddresses } from '../stack/index.ts';

/** The example that users start from is the one that the demo runs with. */
const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'innervisor.yaml');

/** The example's region, and the cloud in `clouds.yaml` that it names. */
export const REGION = 'luxembourg';

/** Largest region in which every probe pings as many others as the example says. */
const MESH_MAX = 100;

/** `examples/innervisor.yaml` with the addresses, ports and files of this run; comments stay. */
export function renderDemoConfig(
  addresses: StackAddresses,
  {
    ports,
    hypervisors,
    workerPort,
  }: {
    readonly ports: { readonly node: number; readonly ping: number };
    readonly hypervisors: number;
    /** `null` where nobody scrapes the worker. */
    readonly workerPort: number | null;
  },
): string {
  const { bucket, s3Endpoint, s3Region } = addresses;
  const document = parseDocument(readFileSync(EXAMPLE, 'utf8'));
  const peersKey = String(document.getIn(['regions', REGION, 'peers', 'key']));
  const settings: Readonly<Record<string, unknown>> = {
    // A cloud on this machine answers in milliseconds and minds no load.
    'openstack.pollMs': 500,
    'openstack.requestsPerSecond': 200,
    // Each peer that a probe pings makes 12 series, and one Prometheus of this machine holds them all.
    ...(hypervisors > MESH_MAX ? { 'probe.peersMax': 4 } : {}),
    'probe.peerNetworks': ['127.0.0.0/8'],
    'peers.bucket': bucket,
    'peers.endpoint': s3Endpoint,
    'peers.region': s3Region,
    'peers.readUrl': `${s3Endpoint}/${bucket}/${peersKey}`,
    'peers.signingKeyFile': addresses.signingKeyPath,
    'prometheus.url': addresses.prometheusUrl,
    'prometheus.publish.path': addresses.targetsPath,
    'prometheus.ports.node': ports.node,
    'prometheus.ports.ping': ports.ping,
    'prometheus.auth': null,
    'prometheus.tls': {},
    'alertmanager.urls': [addresses.alertmanagerUrl],
    'verify.intervalSeconds': 1,
  };
  for (const [key, value] of Object.entries(settings))
    document.setIn(['regions', REGION, ...key.split('.')], document.createNode(value));
  for (const [key, value] of Object.entries({ bucket, endpoint: s3Endpoint, region: s3Region }))
    document.setIn(['artifacts', key], value);
  // Two demos may run side by side, and the example's port is one.
  document.setIn(['worker', 'listen'], workerPort === null ? null : `127.0.0.1:${workerPort}`);
  return document.toString();
}
