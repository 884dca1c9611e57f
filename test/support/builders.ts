import { createHash } from 'node:crypto';
import type { Hypervisor } from '../../src/domain/hypervisor.ts';
import { computeProbeId, computeProbeName } from '../../src/domain/identity.ts';
import type { Inventory } from '../../src/domain/inventory.ts';
import type { PassReport } from '../../src/domain/pass.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { Probe } from '../../src/domain/probe.ts';
import { computePlan } from '../../src/planner/plan.ts';
import type { GlobMatch, Policy } from '../../src/planner/policy.ts';
import { computeSelection } from '../../src/planner/select.ts';

export const NOW_MS = Date.parse('2026-01-02T03:04:05Z');

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function aHypervisor(fields: Partial<Hypervisor> = {}): Hypervisor {
  const serviceHost = fields.serviceHost ?? 'cmp001';
  return {
    hostname: `${serviceHost}.lab.example`,
    serviceHost,
    type: 'QEMU',
    enabled: true,
    up: true,
    disabledReason: null,
    availabilityZone: 'nova',
    aggregates: [],
    occupied: null,
    ...fields,
  };
}

/** `count` hypervisors, cmp001 and on. */
export function hypervisors(count: number): readonly Hypervisor[] {
  return Array.from({ length: count }, (_, index) =>
    aHypervisor({ serviceHost: `cmp${String(index + 1).padStart(3, '0')}` }),
  );
}

export function aProbe(hypervisor: Hypervisor, fields: Partial<Probe> = {}): Probe {
  const generation = fields.generation ?? 1;
  const identity = { installation: 'test', region: 'lab', hypervisor: hypervisor.hostname, generation };
  const probeId = computeProbeId(identity, sha256);
  return {
    probeId,
    serverId: `server-${probeId}`,
    name: computeProbeName(hypervisor.hostname, probeId),
    hypervisor: hypervisor.hostname,
    host: hypervisor.serviceHost,
    phase: 'active',
    status: 'ACTIVE',
    address: '10.77.0.9',
    revision: 'rev1',
    generation,
    retireSince: null,
    rebootedAt: null,
    deletingSince: null,
    createdAt: new Date(NOW_MS - 3_600_000).toISOString(),
    launchedAt: new Date(NOW_MS - 3_590_000).toISOString(),
    fault: null,
    ...fields,
  };
}

/** Every probe of it answers, unless told otherwise. */
export function anInventory(fields: Partial<Inventory> = {}): Inventory {
  return {
    installation: 'test',
    region: 'lab',
    hypervisors: [aHypervisor()],
    probes: [],
    unlisted: [],
    published: [],
    revision: 'rev1',
    exporters: { watched: fields.probes?.length ?? 0, silent: [], unseen: [], unanswered: [] },
    ...fields,
  };
}

/** The same region when Prometheus doesn't say which probes answer. */
export function unasked({ exporters: _, ...inventory }: Inventory): Inventory {
  return inventory;
}

export function aPolicy(fields: Partial<Policy> = {}): Policy {
  return {
    select: {
      include: ['*'],
      exclude: [],
      aggregates: { include: [], exclude: [] },
      availabilityZones: [],
      disabled: 'drained',
      maintenanceReason: '^MAINT',
    },
    replace: 'make-before-break',
    deletesMax: { kind: 'share', percent: 10 },
    replaceBatch: 5,
    pauseMs: 600_000,
    buildMs: 300_000,
    deletingMs: 900_000,
    silentMs: 300_000,
    bootMs: 300_000,
    ...fields,
  };
}

/** Enough of globbing for tests: `*` alone, a prefix with `*` behind it, or the very name. */
export const matchGlobs: GlobMatch = (hostname, globs) =>
  globs.some((glob) => (glob.endsWith('*') ? hostname.startsWith(glob.slice(0, -1)) : hostname === glob));

export function planOf(inventory: Inventory, policy: Policy = aPolicy()): Plan {
  const selection = computeSelection(inventory.hypervisors, policy, matchGlobs, inventory.maintenance);
  return computePlan({ inventory, selection, policy, nowMs: NOW_MS, sha256 });
}

/** `hypervisor action reason`, a line each: the plan as golden text. */
export function planLines(plan: Plan): readonly string[] {
  return plan.entries.map(
    ({ hypervisor, action, reason, mark }) =>
      `${hypervisor.split('.')[0]} ${action} ${reason.code}${mark === undefined ? '' : ` +${mark}`}`,
  );
}

/** The report of a pass over three hypervisors in which all went well and nothing was to do. */
export function aReport(fields: Partial<PassReport> = {}): PassReport {
  const ref = { key: 'k', sha256: 's', bytes: 1 };
  return {
    region: 'lab',
    pass: 'p',
    outcome: 'converged',
    hypervisors: 3,
    selected: 3,
    deferred: 0,
    plan: { create: 0, replace: 0, delete: 0, keep: 3, defer: 0, none: 0, marks: 0 },
    changes: [],
    held: [],
    created: 0,
    replaced: 0,
    deleted: 0,
    kept: 3,
    verified: 3,
    generation: 1,
    failures: [],
    failedChecks: [],
    artifacts: { inventory: ref, plan: ref, boots: null },
    ...fields,
  };
}
