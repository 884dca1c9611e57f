import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/error.ts';
import { findConfigPath, loadConfig, parseConfig } from '../../../src/config/load.ts';

const fixtures = new URL('../../fixtures/config/', import.meta.url);
const example = readFileSync(new URL('../../../examples/innervisor.yaml', import.meta.url), 'utf8');
const minimal = readFileSync(new URL('minimal.yaml', fixtures), 'utf8');

function refusalOf(text: string): string {
  try {
    parseConfig(text, 'innervisor.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('a configuration that is wrong', () => {
  const names = readdirSync(fixtures).filter((name) => name.endsWith('.bad.yaml'));
  it.each(names)('is refused with line, key and advice: %s', (name) => {
    const expected = readFileSync(new URL(name.replace('.yaml', '.txt'), fixtures), 'utf8');
    expect(`${refusalOf(readFileSync(new URL(name, fixtures), 'utf8'))}\n`).toBe(expected);
  });

  it('is refused without repeating a password that stands in it', () => {
    const url = example.replace('https://am.example.net', 'https://u:hunter2@am.example.net');
    expect(refusalOf(url)).not.toContain('hunter2');
  });

  it('is refused if it is empty, naming what is needed', () => {
    expect(refusalOf('')).toContain('installation: missing');
  });

  it('names a flaw in defaults once, however many regions take it', () => {
    const two = minimal.replace('regions:', 'defaults: { probe: { peersMax: lots } }\nregions:');
    expect(refusalOf(two).match(/peersMax/g)).toHaveLength(1);
  });
});

describe('a configuration that is right', () => {
  it('loads as the example shows it', () => {
    const { installation, regions, temporal } = parseConfig(example, 'innervisor.yaml');
    expect(installation).toBe('prod');
    expect(temporal.taskQueue).toBe('innervisor');
    expect(regions['luxembourg']).toMatchObject({
      openstack: { cloud: 'luxembourg', concurrency: 8, timeouts: { deleteMs: 180_000 }, pollMs: 2000 },
      probe: { image: 'probe-image', replace: 'make-before-break' },
      limits: { deletesMax: { kind: 'share', percent: 10 } },
      schedule: { everyMs: 600_000, calendar: null, jitterMs: 60_000, pauseOnFailure: false },
    });
  });

  it('takes every default that it leaves out', () => {
    expect(parseConfig(minimal, 'innervisor.yaml').regions['one']).toMatchObject({
      openstack: {
        timeouts: { requestMs: 30_000, buildMs: 300_000, deleteMs: 180_000 },
      },
      select: { include: ['*'], disabled: 'drained', maintenanceReason: null },
      prometheus: { labels: {}, timeoutSeconds: 120, ports: { node: 9100, ping: 9374 }, auth: null },
      alertmanager: { rulesRangeSeconds: 900 },
      limits: { deletesMax: { kind: 'share', percent: 10 } },
      schedule: { everyMs: 600_000, calendar: null, jitterMs: 60_000, pauseOnFailure: false },
      verify: { timeoutSeconds: 300 },
    });
  });

  it('takes SFTP and HTTP as ways of publishing, for the first server and for further ones', () => {
    const key = `ssh-ed25519 ${'A'.repeat(68)}`;
    const sftp = `{ kind: sftp, host: p2, user: u, path: /t.json, privateKeyFile: /k, hostKey: ${key} }`;
    const text = minimal.replace(
      'publish: { kind: file, path: /etc/prometheus/one.json }',
      `required: any, replicas: [{ url: http://p2, publish: ${sftp} }, { url: http://p3 }], publish: { kind: http, key: t.json }`,
    );
    const { regions, serviceDiscovery } = parseConfig(text, 'innervisor.yaml');
    expect(serviceDiscovery).toEqual({ listen: { host: '127.0.0.1', port: 9464 } });
    expect(regions['one']?.prometheus).toMatchObject({
      publish: { kind: 'http', key: 't.json' },
      required: 'any',
      replicas: [
        {
          url: 'http://p2',
          publish: {
            kind: 'sftp',
            host: 'p2',
            port: 22,
            user: 'u',
            path: '/t.json',
            privateKeyFile: '/k',
            hostKey: key,
          },
        },
        { url: 'http://p3' },
      ],
    });
  });

  it('merges mappings of defaults and region, and lets lists of the region replace', () => {
    const merged = minimal.replace(
      'regions:',
      'defaults: { select: { include: [a, b], exclude: [c] }, limits: { deletesMax: 3 } }\nregions:',
    );
    const { one } = parseConfig(
      merged.replace('  one:', '  one:\n    select: { include: [z] }'),
      'x',
    ).regions;
    expect(one?.select).toMatchObject({ include: ['z'], exclude: ['c'] });
    expect(one?.limits.deletesMax).toEqual({ kind: 'count', count: 3 });
  });
});

describe('the configuration file', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'innervisor-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('is the flag, before the variable, before the usual places', async () => {
    const usual = join(directory, 'innervisor.yaml');
    await writeFile(usual, minimal);
    expect(await findConfigPath('flag', { INNERVISOR_CONFIG: 'variable' }, [usual])).toBe('flag');
    expect(await findConfigPath(undefined, { INNERVISOR_CONFIG: 'variable' }, [usual])).toBe('variable');
    expect(await findConfigPath(undefined, {}, [join(directory, 'absent'), usual])).toBe(usual);
  });

  it('is asked for by name where none of the usual places has one', async () => {
    await expect(findConfigPath(undefined, {}, [join(directory, 'absent')])).rejects.toThrow(/--config/);
  });

  it('is named if it does not exist', async () => {
    await expect(loadConfig(join(directory, 'absent'))).rejects.toThrow(/absent: there is no such file/);
  });
});
