import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkConfig } from '../../../src/config/check.ts';
import { loadSigningKey, loadSshKey, readSecretFile } from '../../../src/config/secrets.ts';

let directory: string;
let keyFile: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'innervisor-'));
  keyFile = join(directory, 'peers.key');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

async function writeKey(type: 'ed25519' | 'x25519', mode: number): Promise<void> {
  const { privateKey } = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await chmod(keyFile, mode);
}

describe('the signing key', () => {
  it('is loaded if it is an Ed25519 key that only its owner reads', async () => {
    await writeKey('ed25519', 0o600);
    expect((await loadSigningKey(keyFile, 'k')).asymmetricKeyType).toBe('ed25519');
  });

  it('is refused with the command that closes it if others may read it', async () => {
    await writeKey('ed25519', 0o640);
    await expect(loadSigningKey(keyFile, 'k')).rejects.toThrow(`chmod 600 ${keyFile}`);
  });

  it('is refused with the command that makes one if it is absent or of another kind', async () => {
    const advice = `openssl genpkey -algorithm ed25519 -out ${keyFile}`;
    await expect(loadSigningKey(keyFile, 'k')).rejects.toThrow(advice);
    await writeKey('x25519', 0o600);
    await expect(loadSigningKey(keyFile, 'k')).rejects.toThrow(advice);
  });
});

describe('the key for SFTP', () => {
  it('is loaded as it is if only its owner reads it', async () => {
    const pem = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n';
    await writeFile(keyFile, pem, { mode: 0o600 });
    expect(await loadSshKey(keyFile, 'k')).toBe(pem);
  });

  it('is refused if others may read it, if it is none, and if it is absent', async () => {
    await expect(loadSshKey(keyFile, 'k')).rejects.toThrow(`ssh-keygen -t ed25519 -N "" -f ${keyFile}`);
    await writeFile(keyFile, 'ssh-ed25519 AAAA hunter2', { mode: 0o600 });
    await expect(loadSshKey(keyFile, 'k')).rejects.toThrow(/^k: .* is no private key; make one/);
    await expect(loadSshKey(keyFile, 'k')).rejects.not.toThrow('hunter2');
    await chmod(keyFile, 0o644);
    await expect(loadSshKey(keyFile, 'k')).rejects.toThrow(`chmod 600 ${keyFile}`);
  });
});

describe('a secret file', () => {
  it('is read without the line end that editors add', async () => {
    await writeFile(keyFile, 'hunter2\n');
    expect(await readSecretFile(keyFile, 'k')).toBe('hunter2');
  });

  it('is refused if it is empty or absent, with its key', async () => {
    await expect(readSecretFile(keyFile, 'regions.a.x')).rejects.toThrow(/^regions\.a\.x: there is no file/);
    await writeFile(keyFile, '\n');
    await expect(readSecretFile(keyFile, 'k')).rejects.toThrow(/is empty/);
  });
});

describe('checking a configuration', () => {
  it('collects every problem of every region, with its line, and accepts it once they are solved', async () => {
    const minimal = await readFile(new URL('../../fixtures/config/minimal.yaml', import.meta.url), 'utf8');
    const path = join(directory, 'innervisor.yaml');
    await writeFile(path, minimal.replaceAll('/etc/innervisor/peers.key', keyFile));
    const clouds = join(directory, 'clouds.yaml');
    vi.stubEnv('OS_CLIENT_CONFIG_FILE', clouds);
    const auth =
      '{ auth: { auth_url: "https://k", application_credential_id: i, application_credential_secret: hunter2 } }';
    await writeFile(clouds, `clouds: { one: ${auth} }\n`);
    const refusal = await checkConfig(path).then(
      () => 'accepted',
      (error: unknown) => (error as Error).message,
    );
    expect(refusal.split('\n').map((line) => line.slice(path.length).split(': ')[0])).toEqual(
      [
        ':6:77 regions.one.peers.signingKeyFile',
        ':10:18 regions.two.openstack.cloud',
        ':12:77 regions.two.peers.signingKeyFile',
      ].map((line): unknown => expect.stringMatching(new RegExp(line.replace(/:\d+ /, ':\\d+ ')))),
    );
    expect(refusal).not.toContain('hunter2');
    await writeKey('ed25519', 0o600);
    await writeFile(clouds, `clouds: { one: ${auth}, two: ${auth} }\n`);
    await expect(checkConfig(path)).resolves.toBeUndefined();
  });

  it('looks at the regions of one task queue alone where that is asked for', async () => {
    const minimal = await readFile(new URL('../../fixtures/config/minimal.yaml', import.meta.url), 'utf8');
    const path = join(directory, 'innervisor.yaml');
    await writeFile(path, minimal.replace('  one:', '  one:\n    taskQueue: site-a'));
    vi.stubEnv('OS_CLIENT_CONFIG_FILE', join(directory, 'clouds.yaml'));

    await expect(checkConfig(path, 'site-a')).rejects.not.toThrow('regions.two');
    await expect(checkConfig(path, 'site-a')).rejects.toThrow('regions.one.openstack.cloud');
    await expect(checkConfig(path, 'site-b')).rejects.toThrow('--task-queue: innervisor (two); site-a (one)');
  });

  it('finds the keys and tokens by which targets are published', async () => {
    const minimal = await readFile(new URL('../../fixtures/config/minimal.yaml', import.meta.url), 'utf8');
    const path = join(directory, 'innervisor.yaml');
    const hostKey = 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    const sftp = `{ kind: sftp, host: h, user: u, path: /t.json, privateKeyFile: ${directory}/ssh, hostKey: "${hostKey}" }`;
    const prometheus = `prometheus: { replicas: [{ url: http://p2, publish: ${sftp} }], url`;
    const token = `serviceDiscovery: { tokenFile: ${directory}/token }\n`;
    await writeFile(path, minimal.replace('prometheus: { url', prometheus) + token);
    await expect(checkConfig(path)).rejects.toThrow(
      /regions\.one\.prometheus\.replicas\.0\.publish\.privateKeyFile: there is no file .*[^]*serviceDiscovery\.tokenFile: there is no file/,
    );
  });
});
