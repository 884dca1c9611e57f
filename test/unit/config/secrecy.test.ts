import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCloud } from '../../../src/config/clouds.ts';
import { ConfigError, ConfigReferenceError } from '../../../src/config/error.ts';
import { parseConfig } from '../../../src/config/load.ts';

const BROKEN = [
  'password: "hunter2\\q"',
  'password: hunter2: x',
  'password: |hunter2\n x',
  'password: ]hunter2',
  'password: *hunter2',
  'password: !hunter2 x',
  'password: {hunter2',
  "password: 'hunter2' junk",
  '\tpassword: hunter2',
];

const fragments = [
  'installation: prod',
  'regions:',
  '  one:',
  '    probe: { image: a }',
  'defaults: &a',
  '  probe: *a',
  '__proto__: 1',
  '- x',
  '? [1, 2]',
  '"',
  '{',
  '[[[',
  '\t',
  '---',
  '<<: *a',
  '%YAML 1.2',
];

function refusalOf(text: string): string {
  try {
    parseConfig(text, 'innervisor.yaml');
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

describe('a refusal of innervisor.yaml', () => {
  it.each(BROKEN)('does not repeat a secret that stands in it: %j', (text) => {
    const message = refusalOf(`installation: prod\n${text}`);

    expect(message).not.toBe('');
    expect(message).not.toContain('hunter2');
  });

  it('is a ConfigError for whatever text the file holds', () => {
    const lines = fc.array(fc.oneof(fc.constantFrom(...fragments), fc.string()), { maxLength: 12 });

    fc.assert(fc.property(lines, (text) => typeof refusalOf(text.join('\n')) === 'string'));
  });

  it.each([
    ['too deep', '['.repeat(20_000)],
    ['a circle of aliases', 'defaults: &d { probe: *d }\nregions: { one: { probe: *d } }'],
    ['too long', `installation: prod\n#${'x'.repeat(2_000_000)}`],
  ])('is a ConfigError for a file that is %s', (_, text) => {
    expect(refusalOf(text)).not.toBe('');
  });

  it('says that a file is too long instead of reading it', () => {
    expect(refusalOf(`#${'x'.repeat(2_000_000)}`)).toContain('longer than');
  });
});

describe('a cloud in clouds.yaml', () => {
  it.each(['[RegionOne]', '[{ name: RegionOne }]'])('has the only region of regions: %s', async (regions) => {
    const directory = await mkdtemp(join(tmpdir(), 'innervisor-'));
    const file = join(directory, 'clouds.yaml');
    const auth = '{ auth_url: https://keystone.example.net, user_id: u, password: p, project_id: q }';
    await writeFile(file, `clouds: { one: { auth: ${auth}, regions: ${regions} } }`);

    const cloud = await loadCloud('one', { environment: {}, files: [file], home: directory });

    expect(cloud.regionName).toBe('RegionOne');
    await rm(directory, { recursive: true });
  });
});

describe('a refusal of clouds.yaml', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'innervisor-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it.each([...BROKEN.map((text) => text.replaceAll('\n', '\n      ')), 'password: [hunter2]'])(
    'does not repeat a secret that stands in it: %j',
    async (text) => {
      const file = join(directory, 'clouds.yaml');
      await writeFile(file, `clouds:\n  one:\n    auth:\n      ${text}\n`);

      const refusal: unknown = await loadCloud('one', {
        environment: {},
        files: [file],
        home: directory,
      }).catch((error: unknown) => error);

      expect(refusal).toBeInstanceOf(ConfigReferenceError);
      expect(String(refusal)).not.toContain('hunter2');
    },
  );
});
