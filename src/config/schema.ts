import { z } from 'zod';

import { bucketFields } from './bucket.ts';
import {
  mapping,
  NAME,
  name,
  NAME_LENGTH_MAX,
  NAME_RULE,
  section,
  text,
  textThat,
  wholeNumber,
} from './fields.ts';
import { regionSchema } from './region.ts';

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

const artifactsSchema = mapping({
  ...bucketFields('plans and reports'),
  prefix: textThat('must end in / and not begin with it, such as passes/', (value) =>
    /^[^/].*\/$/.test(value),
  ).default('passes/'),
  keepDays: wholeNumber({ min: 1, max: 3_650, unit: 'days' }).default(30),
});

const temporalSchema = mapping({
  taskQueue: text('name the task queue, such as innervisor').default('innervisor'),
});

/** The whole of `innervisor.yaml`, after `defaults` were merged into every region and taken away. */
export const configSchema = mapping({
  installation: name('name this installation, such as "prod"'),
  regions: z
    .record(z.string(), regionSchema, {
      error: 'missing or no mapping; give every region a name and its settings',
    })
    .superRefine((regions, context) => {
      const names = Object.keys(regions);
      if (names.length === 0) context.addIssue({ code: 'custom', message: 'must name at least one region' });
      for (const region of names.filter((key) => key.length > NAME_LENGTH_MAX || !NAME.test(key))) {
        context.addIssue({ code: 'custom', path: [region], message: `the name of a region ${NAME_RULE}` });
      }
    }),
  artifacts: section(artifactsSchema),
  temporal: section(temporalSchema),
});

/** What `innervisor.yaml` says, checked and complete: every default is filled in. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;

/** What `innervisor.yaml` says about one region, `defaults` included. */
export type RegionConfig = DeepReadonly<z.output<typeof regionSchema>>;
