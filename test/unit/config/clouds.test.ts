import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CloudPlaces, loadCloud, usualPlaces } from '../../../src/config/clouds.ts';
import type { Environment } from '../../../src/config/environment.ts';

const cloudsYaml = `
clouds:
  lux:
    region_name: RegionOne
    interface: internal
    auth: { auth_url: https://keystone.example.net, username: probe, user_domain_name: Default, project_id: p1 }
  app: { auth: { auth_url: https://k.example.net, application_credential_id: a1, application_credential_secret: hunter2 } }
  named:
    auth: { auth_url: https://k.example.net, application_credential_name: n, application_credential_secret: hunter2, user_id: u1 }
  insecure: { verify: false, auth: { auth_url: https://k.example.net, password: hunter2 } }
  bare: { auth: { password: hunter2 } }
  token: { auth_type: v3token, auth: { auth_url: https://k.example.net, token: hunter2 } }
`;

let directory: string;
let places: CloudPlaces;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'innervisor-'));
  places = { environment: {}, home: directory, files: [join(directory, 'clouds.yaml')] };
  await writeFile(join(directory, 'clouds.yaml'), cloudsYaml);
  await writeFile(join(directory, 'secure.yaml'), 'clouds: { lux: { auth: { password: 0123 } } }\n');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function refusalOf(name: string, from: CloudPlaces = places): Promise<string> {
  return loadCloud(name, from).then(
    () => 'accepted',
    (error: unknown) => String(error),
  );
}

function envvars(environment: Environment): CloudPlaces {
  return { ...places, environment };
}

describe('a cloud', () => {
  it('takes its password from secure.yaml beside, as it was typed', async () => {
    expect(await loadCloud('lux', places)).toEqual({
      regionName: 'RegionOne',
      interface: 'internal',
      credentials: {
        kind: 'password',
        authUrl: 'https://keystone.example.net',
        user: { name: 'probe', domain: { name: 'Default' } },
        password: '0123',
        project: { id: 'p1' },
      },
    });
  });

  it('may be an application credential by id, or by name and user', async () => {
    const authUrl = 'https://k.example.net';
    const kind = 'applicationCredential';
    expect((await loadCloud('app', places)).credentials).toEqual({
      kind,
      authUrl,
      id: 'a1',
      secret: 'hunter2',
    });
    expect((await loadCloud('named', places)).credentials).toEqual({
      kind,
      authUrl,
      name: 'n',
      user: { id: 'u1' },
      secret: 'hunter2',
    });
  });

  it('is read from OS_ variables under the name envvars', async () => {
    const environment = {
      OS_AUTH_URL: 'https://k.example.net',
      OS_USERNAME: 'u',
      OS_PASSWORD: 'hunter2',
      OS_PROJECT_NAME: 'p',
      OS_USER_DOMAIN_NAME: 'Default',
      OS_PROJECT_DOMAIN_ID: 'default',
      OS_REGION_NAME: 'RegionOne',
    };
    const { credentials, regionName } = await loadCloud('envvars', envvars(environment));
    expect(regionName).toBe('RegionOne');
    expect(credentials).toMatchObject({
      user: { name: 'u', domain: { name: 'Default' } },
      project: { name: 'p', domain: { id: 'default' } },
    });
  });

  it('brings the text of its cacert', async () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    await writeFile(join(directory, 'ca.pem'), pem);
    await writeFile(join(directory, 'secure.yaml'), 'clouds: { app: { cacert: ~/ca.pem } }\n');
    expect((await loadCloud('app', places)).ca).toBe(pem);
  });
});

describe('a cloud that can not be used', () => {
  it('is answered with the clouds that there are, and their file', async () => {
    const refusal = await refusalOf('nowhere');
    expect(refusal).toContain('app, bare, insecure, lux, named, token');
    expect(refusal).toContain(join(directory, 'clouds.yaml'));
  });

  it('names all the keys that it lacks at once', async () => {
    expect(await refusalOf('bare')).toMatch(
      /missing auth\.auth_url, auth\.username, auth\.user_domain_name, auth\.project_name, auth\.project_domain_name/,
    );
    expect(await refusalOf('envvars', envvars({ OS_PASSWORD: 'hunter2' }))).toMatch(
      /missing OS_AUTH_URL, OS_USERNAME/,
    );
  });

  it('is refused if it does not verify certificates', async () => {
    expect(await refusalOf('insecure')).toMatch(/verify is off/);
  });

  it('is refused for another way to authenticate', async () => {
    expect(await refusalOf('token')).toMatch(/auth_type must be/);
  });

  it('never shows a secret', async () => {
    for (const name of ['nowhere', 'bare', 'insecure', 'token']) {
      expect(await refusalOf(name)).not.toMatch(/hunter2|0123/);
    }
    await writeFile(join(directory, 'secure.yaml'), 'clouds: { lux: { auth: { password: "hunter2\n');
    expect(await refusalOf('lux')).toMatch(/secure\.yaml:\d+ is not valid YAML/);
    expect(await refusalOf('lux')).not.toContain('hunter2');
  });
});

describe('clouds.yaml', () => {
  it('is the one that OS_CLIENT_CONFIG_FILE names, and no other', async () => {
    expect(usualPlaces({ OS_CLIENT_CONFIG_FILE: '/x.yaml' }, directory).files).toEqual(['/x.yaml']);
    expect(await refusalOf('lux', { ...places, files: ['/nowhere/x.yaml'] })).toContain('/nowhere/x.yaml');
  });

  it('is the first that exists of the usual places', async () => {
    await mkdir(join(directory, '.config/openstack'), { recursive: true });
    await writeFile(join(directory, '.config/openstack/clouds.yaml'), cloudsYaml);
    const { files } = usualPlaces({}, directory);
    expect(files[1]).toBe(join(directory, '.config/openstack/clouds.yaml'));
    expect(await refusalOf('app', { ...places, files: files.slice(1) })).toBe('accepted');
  });
});
