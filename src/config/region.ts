import { isIP } from 'node:net';
import { z } from 'zod';

import { alertsSchema } from './alerts.ts';
import { bucketFields } from './bucket.ts';
import {
  absolutePath,
  filledList,
  list,
  mapping,
  oneOf,
  section,
  text,
  textLike,
  textThat,
  url,
  wholeNumber,
} from './fields.ts';
import { alertmanagerSchema, prometheusSchema } from './monitoring.ts';
import { scheduleSchema } from './schedule.ts';

const MAINTENANCE_REASON_LENGTH_MAX = 200;
const DNS_NAME = /^(\.|[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?)$/;

const openstackSchema = mapping({
  cloud: text('name the cloud as it stands in clouds.yaml, or envvars to read OS_* variables').describe(
    'A cloud of `clouds.yaml`, or `envvars` for `OS_*` variables.',
  ),
  regionName: text('name the OpenStack region, such as RegionOne')
    .describe('The region in the service catalogue. Left out: the one in `clouds.yaml`.')
    .optional(),
  interface: oneOf(['public', 'internal', 'admin'])
    .describe('Which endpoints of the catalogue. Left out: those in `clouds.yaml`, else `public`.')
    .optional(),
  caFile: absolutePath('name the PEM file with the CA of the OpenStack endpoints')
    .describe('Authorities to trust, in PEM. Left out: the `cacert` in `clouds.yaml`.')
    .optional(),
  concurrency: wholeNumber({ min: 1, max: 64, unit: 'requests under way at once' })
    .describe('How many requests to OpenStack are under way at once.')
    .default(8),
  requestsPerSecond: wholeNumber({ min: 1, max: 1_000, unit: 'requests per second' })
    .describe('How many requests to OpenStack are made per second.')
    .default(20),
  pollMs: wholeNumber({ min: 100, max: 60_000, unit: 'milliseconds' })
    .describe('Pause between looks at a server that is being built or deleted.')
    .default(2_000),
  timeouts: section(
    mapping({
      requestMs: wholeNumber({ min: 1_000, max: 600_000, unit: 'milliseconds' })
        .describe('One request; less than `buildMs`.')
        .default(30_000),
      buildMs: wholeNumber({ min: 10_000, max: 3_600_000, unit: 'milliseconds' })
        .describe('A server that is being built.')
        .default(300_000),
      deleteMs: wholeNumber({ min: 10_000, max: 3_600_000, unit: 'milliseconds' })
        .describe('A server that is being deleted.')
        .default(180_000),
    }).refine(({ requestMs, buildMs }) => requestMs < buildMs, {
      path: ['requestMs'],
      error: 'must be less than timeouts.buildMs, since a build takes many requests',
    }),
  ).describe('How long is waited for OpenStack, in milliseconds.'),
});

const globs = list(text('must be a glob over hypervisor names, such as "gpu-*"'), 'globs, such as ["gpu-*"]');
const aggregates = list(text('must be the name of a host aggregate'), 'names of host aggregates');

const selectSchema = mapping({
  include: filledList(text('must be a glob over hypervisor names, such as "*"'), 'globs, such as ["*"]')
    .describe('Which hypervisors carry a probe: globs over their names.')
    .default(['*']),
  exclude: globs.describe('Which of those do not: globs over their names.').default([]),
  aggregates: section(
    mapping({
      include: aggregates.describe('Only hypervisors in one of these; `[]` for all.').default([]),
      exclude: aggregates.describe('No hypervisor in one of these.').default([]),
    }),
  ).describe('Which host aggregates, by name.'),
  availabilityZones: list(text('must be the name of an availability zone'), 'names of availability zones')
    .describe('Only hypervisors in one of these; `[]` for all.')
    .default([]),
  disabled: oneOf(['keep', 'remove', 'drained'])
    .describe(
      'When a hypervisor that is disabled and up loses its probe: never (`keep`), at once (`remove`), or when no ' +
        'other server runs there or the reason means maintenance (`drained`).',
    )
    .default('drained'),
  maintenanceReason: textThat(
    `must be a regular expression of at most ${MAINTENANCE_REASON_LENGTH_MAX} characters, such as "^MAINT", or null`,
    isRegularExpression,
  )
    .meta({ format: 'regex', maxLength: MAINTENANCE_REASON_LENGTH_MAX })
    .nullable()
    .describe('Regular expression over the reason for disabling that means maintenance, or `null`.')
    .default(null),
});

const probeSchema = mapping({
  image: text('name the image of the probes, such as "probe-image"').describe('The image of the probes.'),
  flavor: text('name the flavor of the probes, such as "probe"').describe('The flavor of the probes.'),
  networks: filledList(
    text('must be the name of a network'),
    'networks of the probes, such as [probe-net]',
  ).describe('Networks of the probes, by name.'),
  securityGroups: list(text('must be the name of a security group'), 'security groups, such as [probe]')
    .describe('Security groups of the probes, by name.')
    .default([]),
  keyName: text('name a key pair of Nova, or null for none')
    .nullable()
    .describe('A key pair of Nova, or `null` for none.')
    .default(null),
  pinning: oneOf(['requested', 'forced'])
    .describe(
      'How a probe gets onto its hypervisor: `requested` runs the filters of the scheduler, `forced` does not.',
    )
    .default('requested'),
  publicTargets: list(
    textThat('must be an IP address', (value) => isIP(value) !== 0).meta({
      anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }],
    }),
    'IP addresses that every probe pings, such as [192.0.2.1]',
  )
    .describe('IP addresses that every probe pings.')
    .default([]),
  agentIntervalSeconds: wholeNumber({ min: 10, max: 86_400, unit: 'seconds' })
    .describe('How often the agents in the probes pull.')
    .default(300),
  peersMax: wholeNumber({ min: 1, max: 1_000, unit: 'peers that one probe pings' })
    .describe('Up to so many peers, every probe pings all others.')
    .default(64),
  watchers: wholeNumber({ min: 1, max: 1_000, unit: 'probes that watch one' })
    .describe('How many probes ping each one where there are more than `peersMax` peers.')
    .default(20),
  peerNetworks: networks('networks that peers may have addresses in, such as [10.0.0.0/8]')
    .describe('Probes refuse a list with an address outside these networks; `[]` allows every address.')
    .default([]),
  scrapeNetworks: networks('networks of the Prometheus servers, such as [192.0.2.0/24]')
    .describe("Networks that the probes' exporters answer; `[]` for all.")
    .default([]),
  storageClass: text('name the storage under the probes, such as local or rbd')
    .describe('What the storage under the probes is called in their metrics.')
    .default('local'),
  dnsName: textLike('must be a host name, or "." to ask for the root', DNS_NAME)
    .describe('The name that probes ask their name servers for; `.` asks for the name servers of the root.')
    .default('.'),
  replace: oneOf(['make-before-break', 'break-before-make'])
    .describe(
      'Whether the new probe stands before the old one goes, or the old one goes first. Where there is no room for two, the old one goes first in any case.',
    )
    .default('make-before-break'),
});

const peersSchema = mapping({
  ...bucketFields('the peers list'),
  key: textLike(
    'name the object of the peers list, such as peers/luxembourg.json, without / at its beginning',
    /^[^/]/,
  ).describe('The object of the peers list; no two regions share one.'),
  readUrl: url('give the URL under which probes read the peers list').describe(
    'The URL at which probes read the peers list.',
  ),
  readCaFile: absolutePath('name the PEM file with the CA of readUrl')
    .describe('Authorities that probes trust for `readUrl`, in PEM. Left out: those of their image.')
    .optional(),
  signingKeyFile: absolutePath(
    'name the file with the Ed25519 private key that signs the peers list',
  ).describe('Ed25519 key in PEM, mode 600: `openssl genpkey -algorithm ed25519 -out PATH`.'),
});

const SHARE = /^(100|[0-9]{1,2})%$/;

const limitsSchema = mapping({
  deletesMax: z
    .unknown()
    .meta({
      description:
        'More removals in one pass wait for approval, and so do broken probes that would go before their successors are ' +
        'made; a share of the probes or a number of them. A share lets two go in any case.',
      anyOf: [
        { type: 'string', pattern: SHARE.source },
        { type: 'integer', minimum: 0 },
      ],
    })
    .default('10%')
    .transform(parseShareOrCount),
  replaceBatch: wholeNumber({ min: 1, max: 1_000, unit: 'probes replaced in one pass' })
    .describe('How many outdated probes one pass replaces.')
    .default(5),
  approvalTimeoutMinutes: wholeNumber({ min: 1, max: 43_200, unit: 'minutes' })
    .describe('How long a held plan waits for approval.')
    .default(60),
});

const repairSchema = mapping({
  buildingSeconds: wholeNumber({ min: 10, max: 86_400, unit: 'seconds' })
    .describe(
      'Age at which a probe that is still being built is replaced. Left out: `openstack.timeouts.buildMs`.',
    )
    .optional(),
  deletingSeconds: wholeNumber({ min: 10, max: 86_400, unit: 'seconds' })
    .describe(
      'After how long a probe that somebody is deleting is replaced, and its deletion asked for again.',
    )
    .default(900),
  silentSeconds: wholeNumber({ min: 10, max: 86_400, unit: 'seconds' })
    .describe(
      'For how long an exporter of a probe must give Prometheus no answer before the probe is rebooted and, if that ' +
        'does not help for as long, replaced; longer than some scrapes.',
    )
    .default(300),
  pauseSeconds: wholeNumber({ min: 1, max: 21_600, unit: 'seconds' })
    .describe(
      'For how long a hypervisor is left alone on which no probe came up twice in a row; twice as long after each ' +
        'further failure, up to 6 hours. Left out: the time between two passes.',
    )
    .optional(),
});

const verifySchema = mapping({
  timeoutSeconds: wholeNumber({ min: 10, max: 3_600, unit: 'seconds' })
    .describe('How long new probes get to pass their checks.')
    .default(300),
  intervalSeconds: wholeNumber({ min: 1, max: 600, unit: 'seconds' })
    .describe('How often is looked; less than `timeoutSeconds`.')
    .default(5),
}).refine(({ timeoutSeconds, intervalSeconds }) => intervalSeconds < timeoutSeconds, {
  path: ['intervalSeconds'],
  error: 'must be less than verify.timeoutSeconds',
});

/** One region of `innervisor.yaml`, after `defaults` were merged into it. */
export const regionSchema = mapping({
  taskQueue: text('name the task queue of the workers at the site of the region, such as site-a')
    .describe('The task queue of the workers that reach the region. Left out: `temporal.taskQueue`.')
    .optional(),
  openstack: section(openstackSchema).describe('The region of OpenStack, and how it is asked.'),
  select: section(selectSchema).describe('Which hypervisors carry a probe.'),
  probe: section(probeSchema).describe('What probes are made of.'),
  peers: section(peersSchema).describe('The list of probes that each probe reads.'),
  prometheus: section(prometheusSchema).describe('The Prometheus that scrapes the probes.'),
  alertmanager: section(alertmanagerSchema).describe('The Alertmanager that sends the alerts.'),
  alerts: section(alertsSchema).describe('When the rules of `innervisor rules` alert.'),
  limits: section(limitsSchema).describe('How much one pass may change.'),
  repair: section(repairSchema).describe('When a probe counts as broken.'),
  schedule: section(scheduleSchema).describe('When passes run.'),
  verify: section(verifySchema).describe('How probes are verified at the end of a pass.'),
});

/** A list of networks in CIDR notation. */
function networks(rule: string) {
  return list(textThat('must be a network such as 10.0.0.0/8 or 2001:db8::/32', isNetwork), rule);
}

function isNetwork(value: string): boolean {
  const [, address = '', length = ''] = /^([^/]+)\/([0-9]{1,3})$/.exec(value) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(length) <= (version === 4 ? 32 : 128);
}

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
  if (typeof value === 'string' && SHARE.test(value)) {
    return { kind: 'share', percent: Number(value.slice(0, -1)) };
  }
  context.addIssue({
    code: 'custom',
    message: 'must be a share such as "10%", from "0%" to "100%", or a whole number of probes',
  });
  return z.NEVER;
}
