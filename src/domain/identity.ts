/** Hexadecimal SHA-256 of a text; given by the caller, since the domain computes but does no I/O. */
export type Sha256 = (text: string) => string;

/** What a probe's id is derived from. */
export interface ProbeIdentity {
  readonly installation: string;
  readonly region: string;
  readonly hypervisor: string;
  readonly generation: number;
}

const PROBE_ID = /^[0-9a-f]{8}$/;
const NAME_LENGTH_MAX = 63;

/** 8 hex digits; the same for the same identity, so that a repeated attempt finds what the first one made. */
export function computeProbeId(identity: ProbeIdentity, sha256: Sha256): string {
  const parts = [identity.installation, identity.region, identity.hypervisor, String(identity.generation)];
  return sha256(JSON.stringify(parts)).slice(0, 8);
}

/** Whether a text, such as the value of a server's metadata, has the form of a probe id. */
export function isProbeId(text: string): boolean {
  return PROBE_ID.test(text);
}

/** `probe-<short hypervisor>-<id>`: lower case, `[a-z0-9-]`, at most 63 characters, whatever the hostname holds. */
export function computeProbeName(hypervisor: string, probeId: string): string {
  const short = (hypervisor.split('.')[0] ?? '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const room = NAME_LENGTH_MAX - 'probe--'.length - probeId.length;
  const trimmed = short.slice(0, room).replaceAll(/^-+|-+$/g, '');
  return `probe-${trimmed === '' ? 'x' : trimmed}-${probeId}`;
}

/** The mark: tags for listing (Nova forbids `,` and `/` in them). */
export const tags = {
  ours: 'innervisor',
  installation: (installation: string): string => `innervisor-${installation}`,
  region: (region: string): string => `innervisor-region-${region}`,
  probe: (probeId: string): string => `innervisor-probe-${probeId}`,
} as const;

/** The mark: metadata keys for content. */
export const metadataKeys = {
  installation: 'innervisor_installation',
  region: 'innervisor_region',
  hypervisor: 'innervisor_hypervisor',
  probe: 'innervisor_probe',
  revision: 'innervisor_revision',
  generation: 'innervisor_generation',
  retireSince: 'innervisor_retire_since',
  rebootedAt: 'innervisor_rebooted_at',
} as const;
