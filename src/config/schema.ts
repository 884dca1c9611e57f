import { z } from 'zod';

import { linksSchema } from './alerts.ts';
import { bucketFields } from './bucket.ts';
import {
  mapping,
  NAME,
  name,
  NAME_LENGTH_MAX,
  NAME_RULE,
  section,
  text,
  textLike,
  wholeNumber,
} from './fields.ts';
import { regionSchema } from './region.ts';
import { serviceDiscoverySchema } from './serviceDiscovery.ts';
import { workerSchema } from './worker.ts';

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

const artifactsSchema = mapping({
  ...bucketFields('plans and reports'),
  prefix: textLike('must end in / and not begin with it, such as passes/', /^[^/].*\/$/)
    .describe('Where in the bucket; ends in `/`.')
    .default('passes/'),
  keepDays: wholeNumber({ min: 1, max: 3_650, unit: 'days' })
    .describe('For how many days the objects are kept.')
    .default(30),
});

const temporalSchema = mapping({
  taskQueue: text('name the task queue, such as innervisor')
    .describe('The task queue of workers and regions that name no other one.')
    .default('innervisor'),
  deployment: textLike(
    'must be at most 100 characters of letters, digits, _ and -, such as innervisor',
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/,
  )
    .describe('The worker deployment to which workers belong that are started with a build id.')
    .default('innervisor'),
});

/** The whole of `innervisor.yaml`, after `defaults` were merged into every region and taken away. */
export const configSchema = mapping({
  installation: name('name this installation, such as "prod"').describe(
    `Marks everything that is ours; at most ${NAME_LENGTH_MAX} of \`a-z\`, \`0-9\` and \`-\`.`,
  ),
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
    })
    .meta({
      description: 'The regions by name; names as for `installation`.',
      minProperties: 1,
      propertyNames: { type: 'string', pattern: NAME.source, maxLength: NAME_LENGTH_MAX },
    }),
  artifacts: section(artifactsSchema).describe('Where inventories, plans and reports of passes are kept.'),
  serviceDiscovery: section(serviceDiscoverySchema).describe(
    'Where a worker serves the targets of regions that publish by `http`.',
  ),
  worker: section(workerSchema).describe('How a worker shows its own health.'),
  links: section(linksSchema).describe('Where the links in alerts lead.'),
  temporal: section(temporalSchema).describe(
    "What we use of Temporal; its connection isn't part of this file.",
  ),
});

/** What `innervisor.yaml` says, checked and complete: every default is filled in. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;

/** What `innervisor.yaml` says about one region, `defaults` included. */
export type RegionConfig = DeepReadonly<z.output<typeof regionSchema>>;
