import { z } from 'zod';

/** An image that servers can be made of. */
export interface Image {
  readonly id: string;
  readonly name: string | null;
  /** `active` when it can be used. */
  readonly status: string;
  /** What a flavor must have at least; 0 where that isn't said. */
  readonly minDiskGiB: number;
  readonly minRamMiB: number;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
}

/** One item of `GET /v2/images`. */
export const imageSchema = z
  .object({
    id: z.string().min(1),
    name: z.string().nullish(),
    status: z.string(),
    min_disk: z.number().default(0),
    min_ram: z.number().default(0),
    created_at: z.string(),
  })
  .transform((wire): Image => ({
    id: wire.id,
    name: wire.name ?? null,
    status: wire.status,
    minDiskGiB: wire.min_disk,
    minRamMiB: wire.min_ram,
    createdAt: wire.created_at,
  }));
