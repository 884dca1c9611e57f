import { z } from 'zod';

/** One quota of the project: `max` is `null` where it is unlimited. */
export interface Quota {
  readonly used: number;
  readonly max: number | null;
}

/** What the project may still create. */
export interface ComputeLimits {
  readonly instances: Quota;
  readonly cores: Quota;
  readonly ramMiB: Quota;
}

/** `GET /limits`; Nova writes "unlimited" as -1. */
export const limitsSchema = z
  .object({
    limits: z.object({
      absolute: z.object({
        maxTotalInstances: z.number(),
        totalInstancesUsed: z.number(),
        maxTotalCores: z.number(),
        totalCoresUsed: z.number(),
        maxTotalRAMSize: z.number(),
        totalRAMUsed: z.number(),
      }),
    }),
  })
  .transform(({ limits: { absolute } }): ComputeLimits => {
    const quota = (used: number, max: number): Quota => ({ used, max: max < 0 ? null : max });
    return {
      instances: quota(absolute.totalInstancesUsed, absolute.maxTotalInstances),
      cores: quota(absolute.totalCoresUsed, absolute.maxTotalCores),
      ramMiB: quota(absolute.totalRAMUsed, absolute.maxTotalRAMSize),
    };
  });
