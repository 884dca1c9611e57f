import { z } from 'zod';

/** A size of servers. */
export interface Flavor {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly ramMiB: number;
  /** 0 where the image's own size is taken. */
  readonly diskGiB: number;
  /** `null` where the caller may not see them. */
  readonly extraSpecs: Readonly<Record<string, string>> | null;
}

/** One item of `GET /flavors/detail`. */
export const flavorSchema = z
  .object({
    id: z.string().min(1),
    name: z.string(),
    vcpus: z.number(),
    ram: z.number(),
    disk: z.number(),
    extra_specs: z.record(z.string(), z.string()).optional(),
  })
  .transform((wire): Flavor => ({
    id: wire.id,
    name: wire.name,
    vcpus: wire.vcpus,
    ramMiB: wire.ram,
    diskGiB: wire.disk,
    extraSpecs: wire.extra_specs ?? null,
  }));
