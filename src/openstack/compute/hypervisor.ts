import { z } from 'zod';

/** A compute host as Nova lists it. `state` and `status` are independent of each other. */
export interface Hypervisor {
  readonly id: string;
  readonly hypervisorHostname: string;
  /** The driver's word: `QEMU`, `ironic`, … */
  readonly type: string;
  readonly state: 'up' | 'down';
  readonly status: 'enabled' | 'disabled';
  /** The service's `host`, by which servers are pinned; it often differs from `hypervisorHostname`. */
  readonly serviceHost: string;
  readonly disabledReason: string | null;
  /** How many servers Nova counts there; `null` where it doesn't say. */
  readonly runningVms: number | null;
}

/** One item of `GET /os-hypervisors/detail`, 2.53 to 2.87. */
export const hypervisorSchema = z
  .object({
    id: z.string().min(1),
    hypervisor_hostname: z.string().min(1),
    hypervisor_type: z.string(),
    state: z.enum(['up', 'down']),
    status: z.enum(['enabled', 'disabled']),
    service: z.object({ host: z.string().min(1), disabled_reason: z.string().nullish() }),
    running_vms: z.number().nullish(),
  })
  .transform((wire): Hypervisor => ({
    id: wire.id,
    hypervisorHostname: wire.hypervisor_hostname,
    type: wire.hypervisor_type,
    state: wire.state,
    status: wire.status,
    serviceHost: wire.service.host,
    disabledReason: wire.service.disabled_reason ?? null,
    runningVms: wire.running_vms ?? null,
  }));
