import { z } from 'zod';

/** One address of a server. */
export interface ServerAddress {
  /** The network's name. */
  readonly network: string;
  readonly address: string;
  readonly version: 4 | 6;
  readonly type: 'fixed' | 'floating';
}

/** A server as Nova shows it to an administrator. */
export interface Server {
  readonly id: string;
  readonly name: string;
  /** `ACTIVE`, `BUILD`, `ERROR`, …; `UNKNOWN` while the server's cell doesn't answer, and then all else is empty. */
  readonly status: string;
  readonly taskState: string | null;
  readonly vmState: string | null;
  /** 0 no state, 1 running, 3 paused, 4 shut down, 6 crashed, 7 suspended. */
  readonly powerState: number | null;
  /** The service's host: `null` while it is being scheduled, after a failed build, and for a caller who isn't admin. */
  readonly host: string | null;
  readonly hypervisorHostname: string | null;
  readonly availabilityZone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly addresses: readonly ServerAddress[];
  readonly flavorName: string | null;
  /** `null` for a server that was booted from a volume. */
  readonly imageId: string | null;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** When it last became active after a build; RFC 3339, UTC. */
  readonly launchedAt: string | null;
  /** RFC 3339, UTC. */
  readonly updatedAt: string | null;
  /** Why it is in ERROR. Nova's `details`, a traceback, are never read. */
  readonly fault: { readonly code: number; readonly message: string } | null;
  /** `UP`, `UNKNOWN`, `DOWN`, `MAINTENANCE`; `null` for a caller who isn't admin. */
  readonly hostStatus: string | null;
  readonly locked: boolean | null;
}

const addressSchema = z.object({
  addr: z.string().min(1),
  version: z.union([z.literal(4), z.literal(6)]),
  'OS-EXT-IPS:type': z.enum(['fixed', 'floating']).default('fixed'),
});

const fullServerSchema = z.object({
  id: z.string().min(1),
  name: z.string(),
  status: z.string().min(1),
  created: z.string(),
  updated: z.string().nullish(),
  metadata: z.record(z.string(), z.string()),
  tags: z.array(z.string()),
  addresses: z.record(z.string(), z.array(addressSchema)),
  flavor: z.object({ original_name: z.string().nullish() }).nullish(),
  image: z.union([z.object({ id: z.string() }), z.literal('')]).nullish(),
  locked: z.boolean().nullish(),
  host_status: z.string().nullish(),
  fault: z.object({ code: z.number(), message: z.string() }).nullish(),
  'OS-EXT-AZ:availability_zone': z.string().nullish(),
  'OS-EXT-SRV-ATTR:host': z.string().nullish(),
  'OS-EXT-SRV-ATTR:hypervisor_hostname': z.string().nullish(),
  'OS-EXT-STS:task_state': z.string().nullish(),
  'OS-EXT-STS:vm_state': z.string().nullish(),
  'OS-EXT-STS:power_state': z.number().nullish(),
  'OS-SRV-USG:launched_at': z.string().nullish(),
});

/**
 * From 2.69 on, a server whose cell doesn't answer is shown with little more than its id.
 * @see https://docs.openstack.org/api-guide/compute/down_cells.html
 */
function completeDownCellRecord(wire: unknown): unknown {
  const record = z.object({ status: z.literal('UNKNOWN'), name: z.undefined().optional() }).safeParse(wire);
  return record.success ? { name: '', metadata: {}, tags: [], addresses: {}, ...(wire as object) } : wire;
}

/** Nova writes some of its times without the zone, which is UTC. */
function inUtc(time: string | null): string | null {
  return time === null || time.endsWith('Z') ? time : `${time}Z`;
}

/** `server` of `GET /servers/{id}` and items of `GET /servers/detail`, 2.47 and later. */
export const serverSchema = z
  .preprocess(completeDownCellRecord, fullServerSchema)
  .transform((wire): Server => ({
    id: wire.id,
    name: wire.name,
    status: wire.status,
    taskState: wire['OS-EXT-STS:task_state'] ?? null,
    vmState: wire['OS-EXT-STS:vm_state'] ?? null,
    powerState: wire['OS-EXT-STS:power_state'] ?? null,
    host: wire['OS-EXT-SRV-ATTR:host'] || null,
    hypervisorHostname: wire['OS-EXT-SRV-ATTR:hypervisor_hostname'] || null,
    availabilityZone: wire['OS-EXT-AZ:availability_zone'] || null,
    metadata: wire.metadata,
    tags: wire.tags,
    addresses: Object.entries(wire.addresses).flatMap(([network, addresses]) =>
      addresses.map(({ addr, version, 'OS-EXT-IPS:type': type }) => ({
        network,
        address: addr,
        version,
        type,
      })),
    ),
    flavorName: wire.flavor?.original_name ?? null,
    imageId: (wire.image || null)?.id ?? null,
    createdAt: wire.created,
    launchedAt: inUtc(wire['OS-SRV-USG:launched_at'] ?? null),
    updatedAt: wire.updated ?? null,
    fault: wire.fault == null ? null : { code: wire.fault.code, message: wire.fault.message },
    hostStatus: wire.host_status || null,
    locked: wire.locked ?? null,
  }));
