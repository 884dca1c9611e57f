import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { PAGE_FILE, renderPage, renderSchema, SCHEMA_FILE } from '../../../scripts/configDocs.ts';
import { readExample } from '../../../src/config/example.ts';
import { describeMergedConfig } from '../../../src/config/jsonSchema.ts';
import { parseConfig } from '../../../src/config/load.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

const RENEW = 'is not what src/config says; renew it: npm run -s config-docs';
const fixtures = new URL('../../fixtures/config/', import.meta.url);
const committed = readFileSync(SCHEMA_FILE, 'utf8');
const checker = z.fromJSONSchema(JSON.parse(committed) as JsonSchema);

/** What compares two keys or refers to other files is beyond a JSON Schema; `duplicate-key` isn't even YAML. */
const BEYOND = [
  'auth-both',
  'cron',
  'cron-jitter',
  'duplicate-key',
  'jitter-too-long',
  'listen-open',
  'maintenance-reason',
  'missing-flavor',
  'publish-http',
  'publish-sftp',
  'served-objects',
  'shared-documents',
  'tls-half',
];

function accepts(text: string): boolean {
  return checker.safeParse(parse(text)).success;
}

/** Every key below `section` with its schema; a mapping's own keys follow it. */
function listKeys(section: JsonSchema, prefix = ''): readonly (readonly [string, JsonSchema])[] {
  const mappings = [section, ...(section.anyOf ?? []), section.additionalProperties]
    .filter((one): one is JsonSchema => typeof one === 'object')
    .flatMap(({ properties }) => Object.entries(properties ?? {}));
  return mappings.flatMap(([key, value]) => {
    const schema = value as JsonSchema;
    return [[`${prefix}${key}`, schema] as const, ...listKeys(schema, `${prefix}${key}.`)];
  });
}

describe('what is generated from the configuration', () => {
  it('is committed as it is generated: the JSON Schema', () => {
    expect(committed, `docs/innervisor.schema.json ${RENEW}`).toBe(renderSchema());
  });

  it('is committed as it is generated: the tables of docs/config.md', async () => {
    const page = readFileSync(PAGE_FILE, 'utf8');

    expect(page, `docs/config.md ${RENEW}`).toBe(await renderPage(page));
  });

  it('describes every key', () => {
    const keys = listKeys(describeMergedConfig());

    const silent = keys.filter(([, { description }]) => description === undefined).map(([name]) => name);

    expect(keys.length).toBeGreaterThan(60);
    expect(silent).toEqual([]);
  });
});

describe('the JSON Schema', () => {
  it('accepts the shipped example and one that leaves out all it may', async () => {
    expect(accepts(await readExample())).toBe(true);
    expect(accepts(readFileSync(new URL('minimal.yaml', fixtures), 'utf8'))).toBe(true);
  });

  it('lets defaults hold what a region needs, in part or as a whole', () => {
    const { regions, ...rest } = parse(readFileSync(new URL('minimal.yaml', fixtures), 'utf8')) as {
      regions: Record<string, { probe: Record<string, unknown> }>;
    };
    const { one } = regions;
    const whole = stringify({ ...rest, defaults: one, regions: { one: null } });
    const { image, ...others } = one?.probe ?? {};
    const part = stringify({
      ...rest,
      defaults: { probe: { image } },
      regions: { one: { ...one, probe: others } },
    });

    expect([accepts(whole), accepts(part)]).toEqual([true, true]);
    expect(parseConfig(part, 'x')).toEqual(parseConfig(whole, 'x'));
  });

  const bad = readdirSync(fixtures).flatMap((file) => /^(.*)\.bad\.yaml$/.exec(file)?.[1] ?? []);
  it.each(bad.filter((name) => !BEYOND.includes(name)))('refuses what loading refuses: %s', (name) => {
    expect(accepts(readFileSync(new URL(`${name}.bad.yaml`, fixtures), 'utf8'))).toBe(false);
  });
});

describe('the shipped example', () => {
  it('begins with the path of the JSON Schema, as seen from where it lies', async () => {
    const [, path] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(await readExample()) ?? [];

    const seen = new URL(path ?? '', new URL('../../../examples/', import.meta.url));

    expect(seen.href).toBe(SCHEMA_FILE.href);
  });

  it('names every key, in use or in a comment', async () => {
    const example = await readExample();

    const missing = listKeys(describeMergedConfig())
      .map(([name]) => name.split('.').at(-1) ?? '')
      .filter((key) => !new RegExp(`\\b${key}:`).test(example));

    expect(missing).toEqual([]);
  });
});
