import { z } from 'zod';

const seconds = z.number().nonnegative();

/** How a host misbehaves; the names are those of the real lab's fault files. Delays are in seconds. */
export const hostFaultSchema = z.strictObject({
  spawn_delay: seconds.optional(),
  spawn_error: z.string().optional(),
  build_abort: z.string().optional(),
  destroy_delay: seconds.optional(),
  destroy_error: z.string().optional(),
  migrate_delay: seconds.optional(),
  bind_fail: z.union([z.boolean(), z.string(), z.number()]).optional(),
});

/** See {@link hostFaultSchema}. */
export type HostFault = z.output<typeof hostFaultSchema>;

const effectSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.literal([401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504]),
    retryAfterSeconds: z.number().int().nonnegative().optional(),
  }),
  z.strictObject({
    kind: z.literal('statusAfterEffect'),
    status: z.literal([408, 500, 502, 504]),
  }),
  z.strictObject({ kind: z.literal('resetBeforeEffect') }),
  z.strictObject({ kind: z.literal('resetAfterEffect') }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('hangAfterEffect') }),
  z.strictObject({ kind: z.literal('slow'), ms: z.number().nonnegative() }),
  z.strictObject({ kind: z.literal('truncateBody') }),
  z.strictObject({ kind: z.literal('truncatePage'), keep: z.number().int().nonnegative() }),
]);

/** What is done to a request. */
export type HttpEffect = z.output<typeof effectSchema>;

/** Which requests are broken, and how; what is left out matches everything. Observers are spared. */
export const httpFaultSchema = z.strictObject({
  service: z.enum(['keystone', 'nova', 'placement', 'glance', 'neutron']).optional(),
  method: z.string().optional(),
  /** Regular expression over path and query. */
  path: z.string().optional(),
  /** Only the nth matching request, counted from 1. */
  nth: z.number().int().positive().optional(),
  /** At most so many requests. */
  count: z.number().int().positive().optional(),
  /** Each with this chance. */
  probability: z.number().min(0).max(1).optional(),
  effect: effectSchema,
});

/** See {@link httpFaultSchema}. */
export type HttpFault = z.output<typeof httpFaultSchema>;

/** Everything that can be broken, as plain JSON, so that a file can hold it. */
export const scenarioSchema = z.strictObject({
  /** Faults by service host. */
  hosts: z.record(z.string(), hostFaultSchema).default({}),
  http: z.array(httpFaultSchema).default([]),
  /** Service hosts whose compute service is killed. */
  killed: z.array(z.string()).default([]),
  /** Reason by service host; Nova's own begin with `AUTO:`. */
  disabled: z.record(z.string(), z.string()).default({}),
  forcedDown: z.array(z.string()).default([]),
  cellsDown: z
    .record(z.string(), z.strictObject({ servers: z.boolean(), services: z.boolean() }))
    .default({}),
});

/** See {@link scenarioSchema}. */
export type Scenario = z.output<typeof scenarioSchema>;
