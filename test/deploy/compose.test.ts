import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { beforeAll, expect, test } from 'vitest';
import { TEMPORAL_SERVER_VERSION } from '../../lab/tools/temporalServer.ts';
import { TEMPORAL_UI_VERSION } from '../../lab/tools/temporalUi.ts';
import { WATCHERS } from '../../lab/tools/watchers.ts';
import { interpolate, readCompose, readEnvExample, ROOT, type Compose } from './compose.ts';

const SCHEMA = join(ROOT, 'test', 'fixtures', 'compose-spec', 'compose-spec.json');

let text: string;
let compose: Compose;
let example: ReadonlyMap<string, string>;

beforeAll(async () => {
  ({ text, compose } = await readCompose());
  example = await readEnvExample();
});

async function createValidator() {
  const { $schema: _draft, ...schema } = JSON.parse(await readFile(SCHEMA, 'utf8')) as Record<
    string,
    unknown
  >;
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  // The specification's own words for what it checks elsewhere.
  for (const name of ['expose', 'ports', 'subnet_ip_address']) ajv.addFormat(name, true);
  return ajv.compile(schema);
}

test('it is what the compose specification allows', async () => {
  const validate = await createValidator();

  expect(validate(compose), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...compose, services: { worker: { image: 'x', healthchek: {} } } })).toBe(false);
});

test('each variable stands in the example of an environment, and no other', () => {
  const used = new Set([...text.matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name]) => name));

  expect([...used].toSorted()).toEqual([...example.keys()].toSorted());
});

test('a variable without a value in the example is asked for, and a default is that of the example', () => {
  for (const [, name = '', kind = '', rest = ''] of text.matchAll(/\$\{([A-Z0-9_]+):?([-?])?([^}]*)\}/g)) {
    if (kind === '-') expect([name, rest]).toEqual([name, example.get(name)]);
    else expect([name, kind, rest]).toEqual([name, '?', 'see .env.example']);
  }
});

test('each file that is mounted is there, and each volume is declared', async () => {
  const mounts = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes);
  const sources = mounts.map((mount) => interpolate(mount, example).split(':')[0] ?? '');
  const lab = (await readFile(join(ROOT, '.env.example'), 'utf8')).matchAll(/^# \w+=(\.\/deploy\S+)/gm);

  const files = [...sources.filter((source) => source.startsWith('./')), ...[...lab].map(([, path]) => path)];
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) await expect(access(join(ROOT, file ?? '')), file).resolves.toBeUndefined();
  const named = new Set(sources.filter((source) => !source.startsWith('./')));
  expect([...named].toSorted()).toEqual(Object.keys(compose.volumes).toSorted());
});

test('each image has its whole version, and each service is watched or ends by itself', () => {
  const awaited = new Set(
    Object.values(compose.services).flatMap(({ depends_on: needs = {} }) =>
      Object.entries(needs).flatMap(([name, { condition }]) =>
        condition === 'service_completed_successfully' ? [name] : [],
      ),
    ),
  );
  for (const [name, { image, healthcheck }] of Object.entries(compose.services)) {
    expect(image, name).toMatch(/:v?\d+\.\d+(\.\d+)?(-\w+)?$/);
    expect(healthcheck !== undefined || awaited.has(name), name).toBe(true);
  }
});

test('what is built for the tests is what the stack has', () => {
  const { temporal, 'temporal-ui': ui, 'temporal-schema': schema } = compose.services;
  const { 'temporal-namespace': namespace, prometheus, alertmanager } = compose.services;
  const tools = `temporalio/admin-tools:${TEMPORAL_SERVER_VERSION}`;

  expect(temporal?.image).toBe(`temporalio/server:${TEMPORAL_SERVER_VERSION}`);
  expect(ui?.image).toBe(`temporalio/ui:${TEMPORAL_UI_VERSION}`);
  expect([schema?.image, namespace?.image]).toEqual([tools, tools]);
  expect(prometheus?.image).toBe(`prom/prometheus:v${WATCHERS.prometheus.version}`);
  expect(alertmanager?.image).toBe(`prom/alertmanager:v${WATCHERS.alertmanager.version}`);
});

test('each image is built for one service, since two builds of one name at a time fail', () => {
  const all = Object.entries(compose.services);
  const built = all.filter(([, { build }]) => build !== undefined).map(([name]) => name);
  const neverPulled = all.filter(([, { pull_policy: policy }]) => policy === 'never').map(([name]) => name);

  expect(built).toEqual(['worker-1', 'lab']);
  expect(neverPulled).toEqual(['worker-2']);
});

test('two workers are the same, and only the simulated cloud needs a profile', () => {
  const { 'worker-1': built, 'worker-2': second } = compose.services;
  const { build: _build, ...one } = built ?? {};
  const { pull_policy: _policy, ...two } = second ?? {};
  const optional = Object.entries(compose.services).filter(([, { profiles }]) => profiles !== undefined);

  expect(one).toEqual(two);
  expect(optional.map(([name]) => name)).toEqual(['lab']);
});

test('what the images are built from is let into their build', async () => {
  const ignored = await readFile(join(ROOT, '.dockerignore'), 'utf8');
  const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
    .flatMap(([, sources = '']) => sources.split(' '))
    .filter((source) => source !== '.');

  for (const source of copied) {
    const top = `!${source.startsWith('deploy/') ? source : (source.split('/')[0] ?? '')}`;
    expect(ignored.split('\n'), source).toContain(top);
    await expect(access(join(ROOT, source)), source).resolves.toBeUndefined();
  }
});
