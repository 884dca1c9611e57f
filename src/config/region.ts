import { isIP } from 'node:net';
import { z } from 'zod';

import { bucketFields } from './bucket.ts';
import {
  absolutePath,
  duration,
  filledList,
  list,
  mapping,
  oneOf,
  section,
  text,
  textThat,
  url,
  wholeNumber,
} from './fields.ts';
import { alertmanagerSchema, prometheusSchema } from './monitoring.ts';

const MAINTENANCE_REASON_LENGTH_MAX = 200;

const openstackSchema = mapping({
  cloud: text('name the cloud as it stands in clouds.yaml, or envvars to read OS_* variables'),
  regionName: text('name the OpenStack region, such as RegionOne').optional(),
  interface: oneOf(['public', 'internal', 'admin']).optional(),
  caFile: absolutePath('name the PEM file with the CA of the OpenStack endpoints').optional(),
  concurrency: wholeNumber({ min: 1, max: 64, unit: 'requests under way at once' }).default(8),
  requestsPerSecond: wholeNumber({ min: 1, max: 1_000, unit: 'requests per second' }).default(20),
  pollMs: wholeNumber({ min: 100, max: 60_000, unit: 'milliseconds' }).default(2_000),
  timeouts: section(
    mapping({
      requestMs: wholeNumber({ min: 1_000, max: 600_000, unit: 'milliseconds' }).default(30_000),
      buildMs: wholeNumber({ min: 10_000, max: 3_600_000, unit: 'milliseconds' }).default(300_000),
      deleteMs: wholeNumber({ min: 10_000, max: 3_600_000, unit: 'milliseconds' }).default(180_000),
    }).refine(({ requestMs, buildMs }) => requestMs < buildMs, {
      path: ['requestMs'],
      error: 'must be less than timeouts.buildMs, since a build takes many requests',
    }),
  ),
});

const globs = list(text('must be a glob over hypervisor names, such as "gpu-*"'), 'globs, such as ["gpu-*"]');
const aggregates = list(text('must be the name of a host aggregate'), 'names of host aggregates');

const selectSchema = mapping({
  include: filledList(
    text('must be a glob over hypervisor names, such as "*"'),
    'globs, such as ["*"]',
  ).default(['*']),
  exclude: globs.default([]),
  aggregates: section(mapping({ include: aggregates.default([]), exclude: aggregates.default([]) })),
  availabilityZones: list(
    text('must be the name of an availability zone'),
    'names of availability zones',
  ).default([]),
  disabled: oneOf(['keep', 'remove', 'drained']).default('drained'),
  maintenanceReason: textThat(
    `must be a regular expression of at most ${MAINTENANCE_REASON_LENGTH_MAX} characters, such as "^MAINT", or null`,
    isRegularExpression,
  )
    .nullable()
    .default(null),
});

const probeSchema = mapping({
  image: text('name the image of the probes, such as "probe-image"'),
  flavor: text('name the flavor of the probes, such as "probe"'),
  networks: filledList(text('must be the name of a network'), 'networks of the probes, such as [probe-net]'),
  securityGroups: list(
    text('must be the name of a security group'),
    'security groups, such as [probe]',
  ).default([]),
  keyName: text('name a key pair of Nova, or null for none').nullable().default(null),
  pinning: oneOf(['requested', 'forced']).default('requested'),
  publicTargets: list(
    textThat('must be an IP address', (value) => isIP(value) !== 0),
    'IP addresses that every probe pings, such as [192.0.2.1]',
  ).default([]),
  agentIntervalSeconds: wholeNumber({ min: 10, max: 86_400, unit: 'seconds' }).default(300),
  peersMax: wholeNumber({ min: 1, max: 1_000, unit: 'peers that one probe pings' }).default(64),
  replace: z
    .literal('make-before-break', {
      error: ({ input }) =>
        input === 'break-before-make'
          ? 'break-before-make is not in this version; use make-before-break'
          : 'must be make-before-break',
    })
    .default('make-before-break'),
});

const peersSchema = mapping({
  ...bucketFields('the peers list'),
  key: textThat(
    'name the object of the peers list, such as peers/luxembourg.json, without / at its beginning',
    (value) => !value.startsWith('/'),
  ),
  readUrl: url('give the URL under which probes read the peers list'),
  signingKeyFile: absolutePath('name the file with the Ed25519 private key that signs the peers list'),
});

const limitsSchema = mapping({
  deletesMax: z.unknown().default('10%').transform(parseShareOrCount),
  replaceBatch: wholeNumber({ min: 1, max: 1_000, unit: 'probes replaced in one pass' }).default(5),
  approvalTimeoutMinutes: wholeNumber({ min: 1, max: 43_200, unit: 'minutes' }).default(60),
});

const scheduleSchema = mapping({ every: duration().default(600_000), jitter: duration().default(60_000) })
  .refine(({ every }) => every >= 60_000, { path: ['every'], error: 'must be at least 1m' })
  .refine(({ every, jitter }) => jitter < every, {
    path: ['jitter'],
    error: 'must be less than schedule.every',
  })
  .transform(({ every, jitter }) => ({ everyMs: every, jitterMs: jitter }));

const verifySchema = mapping({
  timeoutSeconds: wholeNumber({ min: 10, max: 3_600, unit: 'seconds' }).default(300),
  intervalSeconds: wholeNumber({ min: 1, max: 600, unit: 'seconds' }).default(5),
}).refine(({ timeoutSeconds, intervalSeconds }) => intervalSeconds < timeoutSeconds, {
  path: ['intervalSeconds'],
  error: 'must be less than verify.timeoutSeconds',
});

/** One region of `innervisor.yaml`, after `defaults` were merged into it. */
export const regionSchema = mapping({
  openstack: section(openstackSchema),
  select: section(selectSchema),
  probe: section(probeSchema),
  peers: section(peersSchema),
  prometheus: section(prometheusSchema),
  alertmanager: section(alertmanagerSchema),
  limits: section(limitsSchema),
  schedule: section(scheduleSchema),
  verify: section(verifySchema),
});

function isRegularExpression(value: string): boolean {
  if (value.length > MAINTENANCE_REASON_LENGTH_MAX) return false;
  try {
    return new RegExp(value, 'u') instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** A share of the probes, or a number of them. */
type ShareOrCount =
  { readonly kind: 'share'; readonly percent: number } | { readonly kind: 'count'; readonly count: number };

function parseShareOrCount(value: unknown, context: z.RefinementCtx): ShareOrCount {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
    return { kind: 'count', count: value };
  }
  if (typeof value === 'string' && /^(100|[0-9]{1,2})%$/.test(value)) {
    return { kind: 'share', percent: Number(value.slice(0, -1)) };
  }
  context.addIssue({
    code: 'custom',
    message: 'must be a share such as "10%", from "0%" to "100%", or a whole number of probes',
  });
  return z.NEVER;
}
