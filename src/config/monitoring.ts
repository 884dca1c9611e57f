import { z } from 'zod';

import {
  absolutePath,
  filledList,
  flag,
  list,
  mapping,
  oneOf,
  section,
  text,
  url,
  wholeNumber,
} from './fields.ts';
import { publishSchema } from './publish.ts';

/** Labels that a target gets from us; others may be added in configuration. */
const OUR_LABELS: readonly string[] = [
  'availability_zone',
  'displaced',
  'exporter',
  'hypervisor',
  'probe',
  'probe_id',
  'region',
];

const AUTH_RULE = 'must be null, { basic: { username, passwordFile } } or { bearerTokenFile }';

/** How a client proves who it is, in one of two ways. */
type AuthConfig =
  | { readonly basic: { readonly username: string; readonly passwordFile: string } }
  | { readonly bearerTokenFile: string };

const authSchema = mapping(
  {
    basic: mapping({
      username: text('give the user name').describe('The user name.'),
      passwordFile: absolutePath('name the file with the password').describe('A file with the password.'),
    })
      .describe('By user name and password.')
      .optional(),
    bearerTokenFile: absolutePath('name the file with the bearer token')
      .describe('A file with the bearer token.')
      .optional(),
  },
  AUTH_RULE,
)
  .transform(({ basic, bearerTokenFile }, context): AuthConfig => {
    if (basic !== undefined && bearerTokenFile === undefined) return { basic };
    if (bearerTokenFile !== undefined && basic === undefined) return { bearerTokenFile };
    context.addIssue({ code: 'custom', message: AUTH_RULE });
    return z.NEVER;
  })
  .nullable()
  .describe('How we log in: `null`, or either `basic` or `bearerTokenFile`.')
  .prefault(null);

const tlsSchema = section(
  mapping({
    caFile: absolutePath('name the PEM file with the CA of the server')
      .describe('Authorities to trust, in PEM.')
      .optional(),
    certFile: absolutePath('name the PEM file with the client certificate')
      .describe('A client certificate, in PEM; with `keyFile`.')
      .optional(),
    keyFile: absolutePath('name the PEM file with the key of the client certificate')
      .describe('The key of the client certificate, in PEM; with `certFile`.')
      .optional(),
  }).refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    error: 'certFile and keyFile belong together: give both or neither',
  }),
).describe('How the server is verified, and we to it.');

const portsSchema = mapping({
  node: port().describe('The port of the node exporter in a probe.').default(9_100),
  ping: port().describe('The port of the ping exporter in a probe; another than `node`.').default(9_374),
}).refine(({ node, ping }) => node !== ping, {
  path: ['ping'],
  error: 'the same port as ports.node; two exporters cannot listen on one port',
});

const labelsSchema = z
  .record(z.string(), text('must be text; put numbers in quotes'), {
    error: 'must be a mapping of label names to texts',
  })
  .superRefine((labels, context) => {
    for (const label of Object.keys(labels)) {
      const message = findLabelFlaw(label);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [label], message });
    }
  })
  .meta({
    description: "Labels for every target; none of Innervisor's own, none that begins with `__`.",
    propertyNames: {
      type: 'string',
      pattern: `^(?!__)(?!(?:${OUR_LABELS.join('|')})$)[A-Za-z_][A-Za-z0-9_]*$`,
    },
  })
  .default({});

const replicaSchema = mapping(
  {
    url: url('give the base URL of this Prometheus, such as https://prom-2.example.net').describe(
      'The base URL of this Prometheus.',
    ),
    publish: publishSchema
      .describe('How targets reach this Prometheus. Left out: it reads what the first one reads.')
      .optional(),
  },
  'must be a mapping such as { url: https://prom-2.example.net }',
);

/** Key `prometheus` of a region. */
export const prometheusSchema = mapping({
  url: url('give the base URL of Prometheus, such as https://prom.example.net').describe(
    'The base URL of Prometheus.',
  ),
  publish: publishSchema.describe('How targets reach Prometheus.'),
  replicas: list(replicaSchema, 'further servers, such as [{ url: https://prom-2.example.net }]')
    .describe(
      'Further Prometheus servers that scrape the same probes: each with its `url`, and with a `publish` of its own ' +
        'unless it reads what the first one reads. `auth`, `tls` and `reload` are for all of them.',
    )
    .prefault([]),
  required: oneOf(['all', 'any'])
    .describe(
      'Whether `all` servers must have exactly the published targets before probes are deleted, or `any` one.',
    )
    .default('all'),
  ports: section(portsSchema).describe('The exporters in a probe.'),
  labels: labelsSchema,
  reload: flag()
    .describe(
      'Whether Prometheus is asked to reload where it has not the targets yet; never with `publish.kind: http`.',
    )
    .default(false),
  timeoutSeconds: wholeNumber({ min: 10, max: 3_600, unit: 'seconds' })
    .describe('How long is waited until Prometheus has the targets.')
    .default(120),
  auth: authSchema,
  tls: tlsSchema,
});

/** Key `alertmanager` of a region. */
export const alertmanagerSchema = mapping({
  urls: filledList(
    url('give the base URL of one Alertmanager, such as https://am.example.net'),
    'base URLs of Alertmanager, such as [https://am.example.net]',
  ).describe(
    'The base URL of every member of one Alertmanager cluster. Deletes wait until each that answers has the silences.',
  ),
  rulesRangeSeconds: wholeNumber({ min: 0, max: 86_400, unit: 'seconds' })
    .describe('The longest range in the alerting rules.')
    .default(900),
  auth: authSchema,
  tls: tlsSchema,
});

function port() {
  return wholeNumber({ min: 1, max: 65_535, unit: 'port' });
}

/** https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels */
function findLabelFlaw(label: string): string | undefined {
  if (OUR_LABELS.includes(label)) return 'is a label of ours and would be overwritten; choose another name';
  if (label.startsWith('__')) return 'labels that begin with __ belong to Prometheus; choose another name';
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(label)) return 'no name of a label; it takes letters, digits and _';
  return undefined;
}
