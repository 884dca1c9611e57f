import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { type CloudCredentials, type CloudEntry, cloudFileSchema, readCredentials } from './credentials.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { ConfigReferenceError } from './error.ts';
import { loadPem } from './secrets.ts';
import { findTreeFlaw, mergeDeep } from './tree.ts';
import { ALIAS_FLAW } from './yamlError.ts';

/** How to reach one OpenStack cloud; holds secrets, so it's never logged nor put into a workflow. */
export interface Cloud {
  readonly credentials: CloudCredentials;
  readonly regionName?: string;
  readonly interface?: 'public' | 'internal' | 'admin';
  /** Text in PEM of the authorities to trust instead of the usual ones. */
  readonly ca?: string;
}

/** Where clouds are looked for. */
export interface CloudPlaces {
  readonly environment: Environment;
  /** Candidates for `clouds.yaml`, the first that exists is used. */
  readonly files: readonly string[];
  readonly home: string;
}

/**
 * The cloud called `name`, read as OpenStack's own tools do: `$OS_CLIENT_CONFIG_FILE`, else `./clouds.yaml`,
 * `~/.config/openstack/clouds.yaml`, `/etc/openstack/clouds.yaml`, with `secure.yaml` beside it laid over it;
 * `envvars` is the cloud that `OS_*` variables describe.
 * @throws ConfigReferenceError with everything that is missing; never with a secret.
 * @see https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
 */
export async function loadCloud(name: string, places: CloudPlaces = usualPlaces()): Promise<Cloud> {
  if (name === 'envvars') {
    return readCloud(entryOf(places.environment), 'cloud envvars (OS_* variables)', places.home, true);
  }
  const file = await findCloudsFile(places.files);
  const merged = mergeDeep(
    await readYaml(file),
    (await readYaml(join(dirname(file), 'secure.yaml'))) ?? undefined,
  );
  const parsed = cloudFileSchema.safeParse(merged);
  if (!parsed.success) {
    const paths = parsed.error.issues.map(({ path }) => path.join('.') || 'clouds');
    throw new ConfigReferenceError(`${file} is not a clouds.yaml; wrong or missing: ${paths.join(', ')}`);
  }
  const { clouds } = parsed.data;
  const entry = Object.hasOwn(clouds, name) ? clouds[name] : undefined;
  if (entry === undefined) {
    const known = Object.keys(clouds).sort().join(', ') || 'none';
    throw new ConfigReferenceError(`there is no cloud ${name} in ${file}; it has: ${known}`);
  }
  return readCloud(entry, `cloud ${name} of ${file}`, places.home, false);
}

/** Where OpenStack's tools look, given the environment. */
export function usualPlaces(
  environment: Environment = readEnvironment(),
  home: string = homedir(),
): CloudPlaces {
  const asked = environment['OS_CLIENT_CONFIG_FILE'];
  const usual = ['clouds.yaml', join(home, '.config/openstack/clouds.yaml'), '/etc/openstack/clouds.yaml'];
  return { environment, home, files: asked === undefined ? usual : [asked] };
}

async function readCloud(
  entry: CloudEntry,
  where: string,
  home: string,
  fromEnvironment: boolean,
): Promise<Cloud> {
  if (/^(false|no|off|0)$/i.test(entry.verify ?? '') || /^(true|yes|on|1)$/i.test(entry.insecure ?? '')) {
    throw new ConfigReferenceError(
      `${where}: verify is off, which would hand the password to anyone on the way; ` +
        'leave it on and name the authority in cacert',
    );
  }
  const credentials = readCredentials(entry, where, fromEnvironment);
  const endpoint = (entry.interface ?? entry.endpoint_type)?.replace(/URL$/, '');
  if (endpoint !== undefined && endpoint !== 'public' && endpoint !== 'internal' && endpoint !== 'admin') {
    throw new ConfigReferenceError(`${where}: interface must be public, internal or admin`);
  }
  // With several regions the choice is that of openstack.regionName.
  const regionName = entry.region_name ?? (entry.regions.length === 1 ? entry.regions[0] : undefined);
  const cacert = entry.cacert?.replace(/^~(?=\/)/, home);
  return {
    credentials,
    ...(regionName === undefined ? {} : { regionName }),
    ...(endpoint === undefined ? {} : { interface: endpoint }),
    ...(cacert === undefined ? {} : { ca: await loadPem(cacert, `${where}: cacert`) }),
  };
}

/** `OS_USER_DOMAIN_NAME` is `auth.user_domain_name`, and so on; what isn't about auth stands beside it. */
function entryOf(environment: Environment): CloudEntry {
  const values = Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) =>
      key.startsWith('OS_') && value !== undefined ? [[key.slice('OS_'.length).toLowerCase(), value]] : [],
    ),
  );
  return { ...values, regions: [], auth: values };
}

async function findCloudsFile(files: readonly string[]): Promise<string> {
  for (const file of files) {
    if ((await readYaml(file)) !== null) return file;
  }
  throw new ConfigReferenceError(
    `there is no clouds.yaml; looked for ${files.join(', ')}; create one or set OS_CLIENT_CONFIG_FILE`,
  );
}

/** What is in a YAML file, every scalar as text; `null` if there is no such file. */
async function readYaml(file: string): Promise<unknown> {
  const text = await readIfPresent(file);
  if (text === null) return null;
  const lines = new LineCounter();
  // Failsafe keeps a password such as 0123 as it was typed.
  const document = parseDocument(text, {
    schema: 'failsafe',
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
  });
  const [error] = document.errors;
  if (error !== undefined) {
    // The parser's own message may quote the file, and the file holds passwords.
    throw new ConfigReferenceError(
      `${file}:${lines.linePos(error.pos[0]).line} is not valid YAML (${error.code})`,
    );
  }
  const value = readValues(document, file);
  const flaw = findTreeFlaw(value);
  if (flaw !== undefined) throw new ConfigReferenceError(`${file}: ${flaw}`);
  return value;
}

function readValues(document: Document, file: string): unknown {
  try {
    return (document.toJS() as unknown) ?? {};
  } catch (cause) {
    // The parser's own message quotes the alias, which may be a password that begins with *.
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new ConfigReferenceError(`${file}: ${ALIAS_FLAW}`);
  }
}

async function readIfPresent(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new ConfigReferenceError(`${file} can't be read (${code})`);
  }
}
