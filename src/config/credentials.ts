import { z } from 'zod';
import { ConfigReferenceError } from './error.ts';

/** A user or project: by id, or by a name that is unique only within its domain. */
export type CloudIdentity =
  | { readonly id: string }
  | { readonly name: string; readonly domain: { readonly id: string } | { readonly name: string } };

/** How we prove to Keystone who we are. */
export type CloudCredentials =
  | {
      readonly kind: 'password';
      readonly authUrl: string;
      readonly user: CloudIdentity;
      readonly password: string;
      readonly project: CloudIdentity;
    }
  | ({
      readonly kind: 'applicationCredential';
      readonly authUrl: string;
      readonly secret: string;
    } & ({ readonly id: string } | { readonly name: string; readonly user: CloudIdentity }));

const scalar = z
  .string()
  .transform((value) => (value === '' || value === '~' || value === 'null' ? undefined : value));

/** The parts of a cloud in `clouds.yaml` that we use; all scalars are texts. */
const cloudEntrySchema = z.object({
  auth: z.record(z.string(), scalar.catch(undefined)).default({}),
  auth_type: scalar.optional(),
  region_name: scalar.optional(),
  regions: z
    .array(z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]))
    .catch([]),
  interface: scalar.optional(),
  endpoint_type: scalar.optional(),
  cacert: scalar.optional(),
  verify: scalar.optional(),
  insecure: scalar.optional(),
});

/** One cloud, with only what we use. */
export type CloudEntry = Readonly<z.output<typeof cloudEntrySchema>>;

/** `clouds.yaml` with `secure.yaml` laid over it. */
export const cloudFileSchema = z.object({ clouds: z.record(z.string(), cloudEntrySchema) });

const passwordTypes: readonly string[] = ['password', 'v3password'];

/**
 * The credentials in a cloud's `auth`; `where` names the cloud in errors.
 * @throws ConfigReferenceError naming every key that is missing; never with a secret.
 */
export function readCredentials(
  entry: CloudEntry,
  where: string,
  fromEnvironment: boolean,
): CloudCredentials {
  const { auth } = entry;
  const type = entry.auth_type ?? (hasApplicationCredential(auth) ? 'v3applicationcredential' : 'password');
  const missing: string[] = [];
  const need = (...keys: readonly [string, ...string[]]): string => {
    const value = keys.map((key) => auth[key]).find((found) => found !== undefined);
    if (value === undefined)
      missing.push(fromEnvironment ? `OS_${keys[0].toUpperCase()}` : `auth.${keys[0]}`);
    return value ?? '';
  };
  const credentials = passwordTypes.includes(type)
    ? readPassword(auth, need)
    : type === 'v3applicationcredential'
      ? readApplicationCredential(auth, need)
      : null;
  if (credentials === null) {
    throw new ConfigReferenceError(`${where}: auth_type must be password or v3applicationcredential`);
  }
  if (missing.length > 0) throw new ConfigReferenceError(`${where}: missing ${missing.join(', ')}`);
  if (!/^https?:$/.test(URL.parse(credentials.authUrl)?.protocol ?? '')) {
    throw new ConfigReferenceError(`${where}: auth_url must be a URL that begins with http:// or https://`);
  }
  return credentials;
}

type Auth = CloudEntry['auth'];
type Need = (...keys: readonly [string, ...string[]]) => string;

function hasApplicationCredential(auth: Auth): boolean {
  return auth['application_credential_id'] !== undefined || auth['application_credential_name'] !== undefined;
}

function readPassword(auth: Auth, need: Need): CloudCredentials {
  return {
    kind: 'password',
    authUrl: need('auth_url'),
    user: readUser(auth, need),
    password: need('password'),
    project: readProject(auth, need),
  };
}

function readApplicationCredential(auth: Auth, need: Need): CloudCredentials {
  const kind = 'applicationCredential';
  const authUrl = need('auth_url');
  const secret = need('application_credential_secret');
  if (auth['application_credential_id'] === undefined && auth['application_credential_name'] !== undefined) {
    return { kind, authUrl, secret, name: auth['application_credential_name'], user: readUser(auth, need) };
  }
  return { kind, authUrl, secret, id: need('application_credential_id') };
}

function readUser(auth: Auth, need: Need): CloudIdentity {
  const id = auth['user_id'];
  return id === undefined
    ? { name: need('username', 'user_name'), domain: readDomain('user', auth, need) }
    : { id };
}

/** `tenant` is the old word for project, which older `openrc` files still use. */
function readProject(auth: Auth, need: Need): CloudIdentity {
  const id = auth['project_id'] ?? auth['tenant_id'];
  return id === undefined
    ? { name: need('project_name', 'tenant_name'), domain: readDomain('project', auth, need) }
    : { id };
}

/** `domain_id` and `domain_name` stand for the domain of both user and project. */
function readDomain(of: 'user' | 'project', auth: Auth, need: Need): { id: string } | { name: string } {
  const own = auth[`${of}_domain_id`];
  if (own !== undefined) return { id: own };
  if (auth[`${of}_domain_name`] === undefined && auth['domain_id'] !== undefined)
    return { id: auth['domain_id'] };
  return { name: need(`${of}_domain_name`, 'domain_name') };
}
