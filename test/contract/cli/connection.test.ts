import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTemporal, type TemporalServer } from '../../../lab/servers/temporal.ts';
import { runInnervisor } from '../../support/innervisor.ts';
import {
  createCertificates,
  startMutualTls,
  startRefusal,
  type Front,
  type Variables,
} from '../../support/tlsFront.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'fixtures', 'config', 'minimal.yaml');
const NOBODY = '127.0.0.1:1';

const certificates = createCertificates();
const { path, showing } = certificates;

let temporal: TemporalServer;
/** Takes client certificates of `clients` alone. */
let front: Front;
let refusal: Awaited<ReturnType<typeof startRefusal>>;

beforeAll(async () => {
  temporal = await startTemporal();
  front = await startMutualTls(certificates, 'clients', Number(portOf(temporal)));
  refusal = await startRefusal(certificates);
});
afterAll(async () => {
  await Promise.all([front.stop(), refusal.stop(), temporal.stop()]);
});

function portOf({ address }: TemporalServer): string {
  return address.split(':').at(-1) ?? '';
}

/** What asks Temporal alone. */
async function status(env: Variables) {
  const { code, stdout, stderr } = await runInnervisor(['status', 'one'], {
    configPath: CONFIG,
    env: { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml', ...env },
  });
  return { code, stdout, said: stderr };
}

function trusting(authority: string): Variables {
  return { TEMPORAL_ADDRESS: front.address, ...certificates.trusting(authority) };
}

const ANSWERED = { code: 0, said: '', stdout: expect.stringContaining('no pass runs') as string };

test('TLS with a certificate on both sides, from the environment', async () => {
  expect(await status({ ...trusting('servers'), ...showing('client') })).toEqual(ANSWERED);
});

test('the same from a profile of temporal.toml', async () => {
  writeFileSync(
    path('temporal.toml'),
    `[profile.lab]
address = "${front.address}"
namespace = "default"
[profile.lab.tls]
server_ca_cert_path = "${path('servers.pem')}"
client_cert_path = "${path('client.pem')}"
client_key_path = "${path('client.key')}"
`,
  );
  const env = { TEMPORAL_CONFIG_FILE: path('temporal.toml') };

  expect(await status({ ...env, TEMPORAL_PROFILE: 'lab' })).toEqual(ANSWERED);
  const { code, said } = await status({ ...env, TEMPORAL_PROFILE: 'nope' });

  expect(code).toBe(1);
  expect(said).toBe(
    'error: TEMPORAL_PROFILE: no profile "nope" in temporal.toml, which has lab; TEMPORAL_CONFIG_FILE says where that file is\n',
  );
});

test('a namespace that is there, and one that is not', async () => {
  const env = { TEMPORAL_ADDRESS: temporal.address };

  expect(await status({ ...env, TEMPORAL_NAMESPACE: 'default' })).toEqual(ANSWERED);
  const { code, said } = await status({ ...env, TEMPORAL_NAMESPACE: 'nowhere' });

  expect(code).toBe(1);
  expect(said).toBe(
    'error: Temporal has no namespace "nowhere"\nhint: set TEMPORAL_NAMESPACE, or namespace of the profile in temporal.toml\n',
  );
});

test.concurrent.each<readonly [string, () => Variables, string, string]>([
  [
    'a server whose authority is unknown',
    () => ({ TEMPORAL_ADDRESS: front.address, TEMPORAL_TLS: 'true', ...showing('client') }),
    "its certificate isn't trusted",
    'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  ],
  [
    'a server of another authority',
    () => ({ ...trusting('others'), ...showing('client') }),
    "its certificate isn't trusted",
    'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  ],
  [
    'a server that demands a client certificate',
    () => trusting('servers'),
    'it refuses the client certificate, or demands one',
    'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
  ],
  [
    'a client certificate of another authority',
    () => ({ ...trusting('servers'), ...showing('stranger') }),
    'it ends the connection; it may demand another client certificate',
    'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
  ],
  [
    'a server with another name',
    () => ({ ...trusting('servers'), ...showing('client'), TEMPORAL_TLS_SERVER_NAME: 'other.example' }),
    'its certificate is for another name',
    'TEMPORAL_TLS_SERVER_NAME',
  ],
  [
    'a server without TLS',
    () => ({ TEMPORAL_ADDRESS: `localhost:${portOf(temporal)}`, TEMPORAL_TLS: 'true' }),
    'it speaks without TLS',
    'TEMPORAL_TLS=false',
  ],
  [
    'a server with TLS that is asked without',
    () => ({ TEMPORAL_ADDRESS: front.address }),
    'it may demand TLS',
    'TEMPORAL_TLS=true',
  ],
  ['nobody there', () => ({ TEMPORAL_ADDRESS: NOBODY }), 'ECONNREFUSED', 'TEMPORAL_ADDRESS'],
])('%s: a line says why and another what to do', async (_what, env, why, hint) => {
  const { TEMPORAL_ADDRESS: address = '' } = env();

  const { code, stdout, said } = await status(env());

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const [error, next, ...more] = said.split('\n');
  expect(error).toContain(`error: no Temporal server answers at ${address}: `);
  expect(error).toContain(why);
  expect(next).toContain('hint: ');
  expect(next).toContain(hint);
  expect(more).toEqual(['']);
});

test.each<readonly [string, Variables, string]>([
  [
    'a file that is missing',
    { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere/ca.pem' },
    "Temporal: /nowhere/ca.pem can't be read (ENOENT); temporal.toml and TEMPORAL_* name it",
  ],
  [
    'a temporal.toml without a profile',
    { TEMPORAL_CONFIG_FILE: '/dev/null' },
    'Temporal: temporal.toml names no profile; it needs [profile.default]',
  ],
  [
    'a certificate without its key',
    { TEMPORAL_TLS_CLIENT_CERT_PATH: path('client.pem') },
    'Temporal: a client certificate without its key; set TEMPORAL_TLS_CLIENT_KEY_PATH too',
  ],
  [
    'a key of another certificate',
    { ...showing('client'), TEMPORAL_TLS_CLIENT_KEY_PATH: path('stranger.key') },
    'both must be PEM and belong together',
  ],
])('%s is told before anybody is asked', async (_what, env, message) => {
  const { code, said } = await status({ TEMPORAL_ADDRESS: NOBODY, ...env });

  expect(code).toBe(1);
  expect(said).toMatch(/^error: [^\n]*\n$/);
  expect(said).toContain(message);
});

test('an API key is shown as a bearer token, and its refusal is told without it', async () => {
  const env = { TEMPORAL_ADDRESS: refusal.address, ...certificates.trusting('servers') };

  const refused = await status({ ...env, TEMPORAL_API_KEY: 'not-right' });
  const none = await status(env);

  expect(refusal.shown).toContain('Bearer not-right');
  expect(refused).toEqual({
    code: 1,
    stdout: '',
    said: `error: Temporal at ${refusal.address} refuses the API key: Request unauthorized.\nhint: set TEMPORAL_API_KEY, or api_key of the profile in temporal.toml, to a key that is valid there\n`,
  });
  expect(none.said).toContain('demands an API key: Request unauthorized.');
});
