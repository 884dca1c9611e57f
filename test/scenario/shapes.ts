import { z } from 'zod';

const address = z.object({ addr: z.string(), version: z.number() });
const server = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  tenant_id: z.string(),
  created: z.string(),
  metadata: z.record(z.string(), z.string()),
  tags: z.array(z.string()),
  addresses: z.record(z.string(), z.array(address)),
  'OS-EXT-SRV-ATTR:host': z.string().nullable(),
  'OS-EXT-SRV-ATTR:hypervisor_hostname': z.string().nullable(),
  'OS-EXT-STS:task_state': z.string().nullable(),
});
const hypervisor = z.object({
  id: z.string(),
  hypervisor_hostname: z.string(),
  state: z.string(),
  status: z.string(),
  service: z.object({ host: z.string(), id: z.string(), disabled_reason: z.string().nullable() }),
});

/** Nova's answers, as far as the observer reads them. */
export const serverAnswer = z.object({ server });
/** One page of a server listing. */
export const serversAnswer = z.object({
  servers: z.array(server),
  servers_links: z.array(z.object({ rel: z.string(), href: z.string() })).default([]),
});
/** One page of a hypervisor listing. */
export const hypervisorsAnswer = z.object({
  hypervisors: z.array(hypervisor),
  hypervisors_links: z.array(z.object({ rel: z.string(), href: z.string() })).default([]),
});
const ids = z.array(z.object({ id: z.string() })).min(1);
/** Listings of which only the first id is wanted. */
export const imagesAnswer = z.object({ images: ids });
export const networksAnswer = z.object({ networks: ids });
export const portsAnswer = z.object({ ports: z.array(z.object({ id: z.string() })) });
export const projectsAnswer = z.object({ projects: ids });
export const createdAnswer = z.object({ server: z.object({ id: z.string() }) });
export const createdNetworkAnswer = z.object({ network: z.object({ id: z.string() }) });

/** A server as Nova shows it, in plain names. */
export interface SeenServer {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly projectId: string;
  readonly created: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** IPv4 addresses. */
  readonly addresses: readonly string[];
  /** Service host, such as `cmp001`. */
  readonly host: string | null;
  readonly hypervisor: string | null;
  readonly taskState: string | null;
}

/** A hypervisor as Nova shows it. */
export interface SeenHypervisor {
  readonly id: string;
  /** Full name, such as `cmp001.lab.example`. */
  readonly name: string;
  /** Service host, such as `cmp001`. */
  readonly host: string;
  readonly serviceId: string;
  readonly state: string;
  readonly status: string;
  readonly disabledReason: string | null;
}

/** Nova's server in plain names. */
export function toServer(raw: z.infer<typeof server>): SeenServer {
  return {
    id: raw.id,
    name: raw.name,
    status: raw.status,
    projectId: raw.tenant_id,
    created: raw.created,
    metadata: raw.metadata,
    tags: raw.tags,
    addresses: Object.values(raw.addresses)
      .flat()
      .filter(({ version }) => version === 4)
      .map(({ addr }) => addr),
    host: raw['OS-EXT-SRV-ATTR:host'],
    hypervisor: raw['OS-EXT-SRV-ATTR:hypervisor_hostname'],
    taskState: raw['OS-EXT-STS:task_state'],
  };
}

/** Nova's hypervisor in plain names. */
export function toHypervisor(raw: z.infer<typeof hypervisor>): SeenHypervisor {
  return {
    id: raw.id,
    name: raw.hypervisor_hostname,
    host: raw.service.host,
    serviceId: raw.service.id,
    state: raw.state,
    status: raw.status,
    disabledReason: raw.service.disabled_reason,
  };
}
