import { z } from 'zod';

/** A size of servers. */
export interface Flavor {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly ramMiB: number;
  readonly diskGiB: number;
}

/** One item of `GET /flavors/detail`. */
export const flavorSchema = z
  .object({
    id: z.string().min(1),
    name: z.string(),
    vcpus: z.number(),
    ram: z.number(),
    disk: z.number(),
  })
  .transform((wire): Flavor => ({
    id: wire.id,
    name: wire.name,
    vcpus: wire.vcpus,
    ramMiB: wire.ram,
    diskGiB: wire.disk,
  }));
