import { createPublicKey } from 'node:crypto';
import { stringify } from 'yaml';
import type { NewProbe } from '../domain/probe.ts';
import type { StepDeps } from './deps.ts';

/**
 * The cloud-config of a probe: only what is public or verifiable by a public key. Without a probe it is
 * the template that the revision is computed from.
 */
export function renderUserData(deps: StepDeps, probe: NewProbe | null): string {
  const settings = {
    region: deps.region,
    installation: deps.installation,
    hypervisor: probe?.hypervisor ?? '',
    availability_zone: probe?.availabilityZone ?? '',
    probe_id: probe?.probeId ?? '',
    peers_url: deps.peersUrl,
    peers_public_key: createPublicKey(deps.signingKey).export({ type: 'spki', format: 'pem' }).toString(),
    peers_max: deps.probe.peersMax,
    agent_interval_seconds: deps.probe.agentIntervalSeconds,
    public_targets: deps.probe.publicTargets,
  };
  const file = {
    path: '/etc/innervisor/probe.json',
    permissions: '0644',
    content: `${JSON.stringify(settings, null, 2)}\n`,
  };
  return `#cloud-config\n${stringify({ write_files: [file] })}`;
}
