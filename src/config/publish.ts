import { absolutePath, mapping, oneOf, text, textLike, wholeNumber } from './fields.ts';

const RULE =
  'say how targets reach Prometheus, such as { kind: file, path: /etc/prometheus/innervisor/luxembourg.json }';

/** `ssh-keyscan` prints the key, `ssh-keygen -l` the fingerprint. */
const HOST_KEY =
  /^(SHA256:[A-Za-z0-9+/]{43}=?|(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]{40,}={0,2}( .*)?)$/;

const SSH_PORT = 22;

/** How targets reach Prometheus. */
export type PublishConfig =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'sftp';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly path: string;
      readonly privateKeyFile: string;
      readonly hostKey: string;
    }
  | { readonly kind: 'http'; readonly key: string };

const kinds = ['file', 'sftp', 'http'] as const;

const fields = {
  path: absolutePath(
    'name the file that Prometheus reads (file_sd), such as /etc/prometheus/innervisor/luxembourg.json',
  )
    .refine((value) => value.endsWith('.json'), {
      error: 'must end in .json, by which Prometheus chooses its parser',
    })
    .meta({ pattern: '^/.*\\.json$' })
    .describe(
      '`file`, `sftp`: the file that Prometheus reads (file_sd); ends in `.json`; no two regions share one.',
    ),
  host: textLike('name the host of Prometheus, such as prom.example.net', /^[A-Za-z0-9.:_-]+$/).describe(
    '`sftp`: the host on which the file is.',
  ),
  port: wholeNumber({ min: 1, max: 65_535, unit: 'port' }).describe(
    `\`sftp\`: the port of its SSH server. Left out: ${SSH_PORT}.`,
  ),
  user: text('name the user who writes the file, such as innervisor').describe(
    '`sftp`: who writes the file there.',
  ),
  privateKeyFile: absolutePath('name the file with the private key of that user').describe(
    '`sftp`: the private key of that user, mode 600, without a passphrase: `ssh-keygen -t ed25519 -N "" -f PATH`.',
  ),
  hostKey: textLike(
    "give the host's key, such as ssh-ed25519 AAAA…, or its fingerprint, SHA256:…; see ssh-keyscan",
    HOST_KEY,
  ).describe(
    '`sftp`: the key of the host, `ssh-ed25519 AAAA…`, or its fingerprint, `SHA256:…`. No other is accepted.',
  ),
  key: textLike(
    'name the object of the targets, such as targets/luxembourg.json, without / at its beginning',
    /^[^/]/,
  ).describe(
    '`http`: the object, in the bucket of `peers`, from which workers serve the targets; no two regions share one.',
  ),
};

type Field = keyof typeof fields;

/** What each kind needs; `port` alone may be left out. */
const NEEDED: Readonly<Record<PublishConfig['kind'], readonly Field[]>> = {
  file: ['path'],
  sftp: ['path', 'host', 'user', 'privateKeyFile', 'hostKey'],
  http: ['key'],
};

/** One way in which targets reach Prometheus. */
export const publishSchema = mapping(
  {
    kind: oneOf(kinds).describe(
      'How: a `file` of this machine, a file on another host by `sftp`, or by `http` from a worker.',
    ),
    path: fields.path.optional(),
    host: fields.host.optional(),
    port: fields.port.optional(),
    user: fields.user.optional(),
    privateKeyFile: fields.privateKeyFile.optional(),
    hostKey: fields.hostKey.optional(),
    key: fields.key.optional(),
  },
  RULE,
).transform((given, context): PublishConfig => {
  const { kind, port = SSH_PORT, ...rest } = given;
  const needed = NEEDED[kind];
  const names = Object.keys(fields) as readonly Field[];
  const issue = (field: Field, message: string): void => {
    context.addIssue({ code: 'custom', path: [field], message });
  };
  for (const field of names.filter((name) => given[name] !== undefined && !isFor(kind, name)))
    issue(
      field,
      `not for kind ${kind}, which takes ${[...needed, ...(kind === 'sftp' ? ['port'] : [])].join(', ')}`,
    );
  for (const field of needed.filter((name) => given[name] === undefined))
    issue(field, `missing; kind ${kind} needs it`);
  const { path = '', host = '', user = '', privateKeyFile = '', hostKey = '', key = '' } = rest;
  switch (kind) {
    case 'file':
      return { kind, path };
    case 'sftp':
      return { kind, host, port, user, path, privateKeyFile, hostKey };
    case 'http':
      return { kind, key };
  }
});

function isFor(kind: PublishConfig['kind'], field: Field): boolean {
  return NEEDED[kind].includes(field) || (kind === 'sftp' && field === 'port');
}
