import { z } from 'zod';

/** One `nova-compute` service. */
export interface ComputeService {
  readonly id: string;
  readonly host: string;
  /** The availability zone that its host belongs to. */
  readonly zone: string;
  readonly state: 'up' | 'down';
  readonly status: 'enabled' | 'disabled';
  readonly disabledReason: string | null;
  /** Whether an operator declared it down; the host may be alive. */
  readonly forcedDown: boolean;
}

/** One item of `GET /os-services`, 2.53 and later. */
export const computeServiceSchema = z
  .object({
    id: z.string().min(1),
    host: z.string().min(1),
    zone: z.string(),
    state: z.enum(['up', 'down']),
    status: z.enum(['enabled', 'disabled']),
    disabled_reason: z.string().nullish(),
    forced_down: z.boolean(),
  })
  .transform((wire): ComputeService => ({
    id: wire.id,
    host: wire.host,
    zone: wire.zone,
    state: wire.state,
    status: wire.status,
    disabledReason: wire.disabled_reason ?? null,
    forcedDown: wire.forced_down,
  }));
