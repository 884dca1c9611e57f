/**
 * Where a probe's server stands, from Nova's status and task state together: a server that is being
 * deleted can show `ACTIVE` for a moment, so no single field tells it.
 */
export type ProbePhase =
  'active' | 'building' | 'deleting' | 'softDeleted' | 'migrating' | 'stopped' | 'error';

/** A monitoring VM that carries this installation's mark. */
export interface Probe {
  readonly probeId: string;
  readonly serverId: string;
  readonly name: string;
  /** The hypervisor that it was made for (its mark), not where it runs now. */
  readonly hypervisor: string;
  /** Service `host` where it runs now; `null` while scheduling and after a failed build. */
  readonly host: string | null;
  readonly phase: ProbePhase;
  /** Nova's own word for it, such as `SHUTOFF`; for people. */
  readonly status: string;
  readonly address: string | null;
  readonly revision: string;
  readonly generation: number;
  /** When an earlier pass first saw a reason to remove it (ISO 8601); the cloud is the memory. */
  readonly retireSince: string | null;
  /** When a pass rebooted it last (ISO 8601), as its metadata remembers. */
  readonly rebootedAt: string | null;
  /** Since when Nova has been deleting it (ISO 8601), in phase `deleting` only. */
  readonly deletingSince: string | null;
  readonly createdAt: string;
  /** When Nova saw its server become active (ISO 8601); `null` before that. */
  readonly launchedAt: string | null;
  /** Nova's short fault message, in phase `error` only. */
  readonly fault: string | null;
}

/** What names a probe in plans, silences and reports. */
export interface ProbeRef {
  readonly probeId: string;
  readonly serverId: string;
  readonly name: string;
  /** Service `host` where it ran when the plan was made; it is not deleted anywhere else. */
  readonly host: string | null;
}

/** A probe that is to be made. */
export interface NewProbe {
  readonly probeId: string;
  readonly name: string;
  readonly generation: number;
  readonly revision: string;
  readonly hypervisor: string;
  readonly serviceHost: string;
  readonly availabilityZone: string | null;
}

/** The part of a probe that names it. */
export function probeRef(probe: ProbeRef): ProbeRef {
  return { probeId: probe.probeId, serverId: probe.serverId, name: probe.name, host: probe.host };
}

/** For how long a probe has been active, or how long ago it was asked for where Nova doesn't say that. */
export function activeAgeMs({ launchedAt, createdAt }: Probe, nowMs: number): number {
  return nowMs - Date.parse(launchedAt ?? createdAt);
}
