import { createPublicKey } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import type { NewProbe } from '../domain/probe.ts';
import { canonicalJson, sha256 } from './artifacts.ts';
import type { StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { guestFiles, type GuestFile } from './guestFiles.ts';

/** Nova's limit, https://docs.openstack.org/api-ref/compute/#create-server (`user_data`). */
const BASE64_BYTES_MAX = 65_535;
const VERSION_LENGTH = 12;
const EXPORTER_PORT = 9374;

/** What the user-data of a probe tells. */
export type UserDataDeps = Pick<
  StepDeps,
  'installation' | 'region' | 'peersUrl' | 'peersCa' | 'signingKey' | 'probe' | 'targets' | 'silence'
>;

/** Puts the files to use; run once, at the first boot. */
const COMMANDS = [
  ['systemd-sysusers'],
  ['systemctl', 'daemon-reload'],
  ['systemctl', 'try-restart', 'prometheus-node-exporter.service'],
  ['systemctl', 'enable', '--now', 'innervisor-exporter.service', 'innervisor-agent.timer'],
  ['systemctl', 'start', '--no-block', 'innervisor-agent.service'],
];

/**
 * The user-data of a probe: a cloud-config, packed, in base64; only what is public or verifiable by a public key.
 * @throws failure `invalidConfig` when it is more than Nova takes; terminal.
 */
export function renderUserData(deps: UserDataDeps, probe: NewProbe): string {
  // cloud-init unpacks it: https://cloudinit.readthedocs.io/en/22.4.2/topics/format.html#gzip-compressed-content
  const rendered = gzipSync(renderCloudConfig(deps, probe), { level: 9 }).toString('base64');
  if (rendered.length > BASE64_BYTES_MAX) {
    const message =
      `the user-data of a probe has ${rendered.length} bytes in base64, and Nova takes ${BASE64_BYTES_MAX}; ` +
      `shorten the lists under regions.${deps.region}.probe (publicTargets, peerNetworks, scrapeNetworks)`;
    throw failure('invalidConfig', message, { terminal: true });
  }
  return rendered;
}

/**
 * The same for no probe in particular, which the revision is computed from. It isn't packed: what gzip makes
 * may change with its version, and that is no reason to replace every probe.
 */
export function renderUserDataTemplate(deps: UserDataDeps): string {
  return renderCloudConfig(deps, null);
}

function renderCloudConfig(deps: UserDataDeps, probe: NewProbe | null): string {
  const config = renderYaml({ ssh_pwauth: false, disable_root: true, runcmd: COMMANDS });
  const { yaml, version } = guestPart();
  return `#cloud-config\n${config}write_files:\n${yaml}${renderYaml(settingsFiles(deps, probe, version))}`;
}

/** What is alike in every probe, made once. */
function guestPart(): { readonly yaml: string; readonly version: string } {
  return (rendered ??= {
    yaml: renderYaml(guestFiles()),
    version: sha256(canonicalJson(guestFiles())).slice(0, VERSION_LENGTH),
  });
}

let rendered: ReturnType<typeof guestPart> | undefined;

function renderYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}

function settingsFiles(deps: UserDataDeps, probe: NewProbe | null, version: string): readonly GuestFile[] {
  const { agentIntervalSeconds, scrapeNetworks } = deps.probe;
  const settings = {
    region: deps.region,
    installation: deps.installation,
    hypervisor: probe?.hypervisor ?? '',
    availability_zone: probe?.availabilityZone ?? '',
    probe_id: probe?.probeId ?? '',
    peers_url: deps.peersUrl,
    peers_ca: deps.peersCa,
    peers_public_key: createPublicKey(deps.signingKey).export({ type: 'spki', format: 'pem' }).toString(),
    peers_max: deps.probe.peersMax,
    watchers: deps.probe.watchers,
    peer_networks: deps.probe.peerNetworks,
    scrape_networks: scrapeNetworks,
    agent_interval_seconds: agentIntervalSeconds,
    public_targets: deps.probe.publicTargets,
    storage_class: deps.probe.storageClass,
    dns_name: deps.probe.dnsName,
    exporter_port: deps.targets.ports['ping'] ?? EXPORTER_PORT,
    version,
  };
  const timer = [
    '[Timer]',
    `OnBootSec=${agentIntervalSeconds}s`,
    `OnUnitActiveSec=${agentIntervalSeconds}s`,
    `RandomizedDelaySec=${deps.silence.agentJitterSeconds}s`,
  ];
  const access = ['[Service]', 'IPAddressDeny=any', 'IPAddressAllow=localhost', ...scrapeNetworks.map(allow)];
  const units = '/etc/systemd/system';
  return [
    textFile('/etc/innervisor/probe.json', [JSON.stringify(settings, null, 2)]),
    textFile(`${units}/innervisor-agent.timer.d/50-times.conf`, timer),
    ...(scrapeNetworks.length === 0
      ? []
      : [textFile(`${units}/prometheus-node-exporter.service.d/60-access.conf`, access)]),
  ];
}

function allow(network: string): string {
  return `IPAddressAllow=${network}`;
}

function textFile(path: string, lines: readonly string[]): GuestFile {
  return { path, permissions: '0644', content: `${lines.join('\n')}\n` };
}
