import { generateKeyPairSync } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { z } from 'zod';

import type { UserDataDeps } from '../../src/activities/userData.ts';
import type { NewProbe } from '../../src/domain/probe.ts';

const CloudConfig = z.object({
  write_files: z.array(
    z.object({
      path: z.string(),
      permissions: z.string(),
      content: z.string(),
    }),
  ),
  runcmd: z.array(z.array(z.string())),
});

/** What a region's probes are told, with a key of its own. */
export function userDataDeps(probe: Partial<UserDataDeps['probe']> = {}): UserDataDeps {
  return {
    installation: 'prod',
    region: 'luxembourg',
    peersUrl: 'https://s3.example.net/innervisor/peers/luxembourg.json',
    peersCa: null,
    signingKey: generateKeyPairSync('ed25519').privateKey,
    targets: { region: 'luxembourg', ports: { node: 9100, ping: 9374 }, labels: {} },
    silence: {
      deleteSeconds: 180,
      agentIntervalSeconds: 300,
      agentJitterSeconds: 30,
      rulesRangeSeconds: 900,
    },
    probe: {
      image: 'probe-image',
      flavor: 'probe',
      networks: ['probe-net'],
      securityGroups: [],
      keyName: null,
      pinning: 'requested',
      publicTargets: ['192.0.2.1'],
      agentIntervalSeconds: 300,
      peersMax: 64,
      watchers: 20,
      peerNetworks: ['10.0.0.0/8'],
      scrapeNetworks: [],
      storageClass: 'local',
      dnsName: '.',
      ...probe,
    },
  };
}

/** A probe that is about to be created. */
export const NEW_PROBE: NewProbe = {
  probeId: '0a1b2c3d',
  name: 'probe-cmp001-0a1b2c3d',
  generation: 1,
  revision: 'abcdef012345',
  hypervisor: 'cmp001.lab.example',
  serviceHost: 'cmp001',
  availabilityZone: 'nova',
};

/** What cloud-init makes of user-data: the files that it writes and the commands that it runs. */
export function readUserData(base64: string): {
  readonly files: ReadonlyMap<string, { readonly content: string; readonly permissions: string }>;
  readonly commands: readonly (readonly string[])[];
} {
  const text = gunzipSync(Buffer.from(base64, 'base64')).toString('utf8');
  if (!text.startsWith('#cloud-config\n')) throw new Error('cloud-init would not take it for a cloud-config');
  // YAML 1.1 is what cloud-init reads.
  const { write_files: written, runcmd } = CloudConfig.parse(parse(text, { version: '1.1' }));
  return { files: new Map(written.map(({ path, ...file }) => [path, file])), commands: runcmd };
}
