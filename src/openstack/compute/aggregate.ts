import { z } from 'zod';

/** A host aggregate. */
export interface Aggregate {
  readonly id: number;
  readonly name: string;
  /** Service hosts, not hypervisor host names. */
  readonly hosts: readonly string[];
  readonly availabilityZone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** One item of `GET /os-aggregates`. */
export const aggregateSchema = z
  .object({
    id: z.number(),
    name: z.string(),
    hosts: z.array(z.string()),
    availability_zone: z.string().nullish(),
    metadata: z.record(z.string(), z.string()),
  })
  .transform((wire): Aggregate => ({
    id: wire.id,
    name: wire.name,
    hosts: wire.hosts,
    availabilityZone: wire.availability_zone ?? null,
    metadata: wire.metadata,
  }));
