import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../../lab/stack/command.ts';
import { readDocPage } from '../support/docPage.ts';
import { openLab, type Lab } from './support/lab.ts';

/** Names on the pages that the lab has already, and what stands for them here. */
const NAMES = { probe: 'page-probe', 'probe-image': 'page-image', probes: 'page-project' };
const NAME = new RegExp(`(?<=\\s)(?:${Object.keys(NAMES).join('|')})(?=\\s|$)`, 'g');
const SERVER = 'probe-cmp001-0a1b2c3d';

let lab: Lab;
let folder: string;
let uninstall: readonly string[];
beforeAll(async () => {
  lab = await openLab();
  folder = await mkdtemp(join(tmpdir(), 'innervisor-pages-'));
  // Glance doesn't look into it.
  await writeFile(join(folder, 'innervisor-probe.qcow2'), randomBytes(1024));
  await openstack(`project create ${NAMES.probes}`);
  uninstall = await linesOf('uninstall.md');
});
afterAll(async () => {
  await openstack(`project delete ${NAMES.probes}`);
  await rm(folder, { recursive: true, force: true });
});

test('what a first region needs of the cloud is made as the page says, and unmade as the other one says', async () => {
  await runLines(await linesOf('getting-started.md'));

  expect(await openstack(`image show ${NAMES['probe-image']} -f json`)).toMatchObject({
    ...{ status: 'active', visibility: 'private', min_disk: 2, min_ram: 512 },
  });
  expect(await openstack(`flavor show ${NAMES.probe} -f json`)).toMatchObject({
    properties: { 'hw_rng:allowed': 'True' },
    access_project_ids: [expect.any(String)],
  });
  expect(await openstack(`security group rule list ${NAMES.probe} --ingress -f json`)).toHaveLength(3);

  await runLines(uninstall);

  for (const list of ['image list', 'flavor list --all', 'security group list'])
    expect(JSON.stringify(await openstack(`${list} -f json`)), list).not.toContain('"page-');
});

test('the image is made known, let in and looked into as its page says', async () => {
  const { id } = await lab.createServer({ name: SERVER, host: 'cmp001' });
  await expect.poll(async () => (await lab.getServer(id))?.status, { timeout: 60_000 }).toBe('ACTIVE');

  const said = await runLines(await linesOf('probe-image.md'), {
    'quota:cpu_shares=…': 'quota:cpu_shares=1024',
  });

  // A driver that pretends has one line for every console.
  expect(said).toContain('FAKE CONSOLE');
  expect(await openstack(`flavor show ${NAMES.probe} -f json`)).toMatchObject({
    properties: { 'hw_rng:allowed': 'True', 'quota:cpu_shares': '1024' },
  });
  const images = (await openstack('image list --private -f json')) as { ID: string; Name: string }[];
  const own = images.filter(({ Name: name }) => name.startsWith('innervisor-probe-'));
  expect(own).toHaveLength(1);

  await lab.deleteServer(id);
  await openstack(`image set ${own[0]?.ID} --name ${NAMES['probe-image']}`);
  await runLines(uninstall);
});

/** The lines of a page that are for this cloud, with those that go on from one. */
async function linesOf(page: string): Promise<readonly string[]> {
  const lines = (await readDocPage(page)).notRun.filter((line) => /^(openstack| {2}--)/.test(line));
  expect(lines.length, page).toBeGreaterThan(2);
  return lines;
}

/** Runs lines as they stand but for {@link NAMES}, and gives what they print. */
async function runLines(
  lines: readonly string[],
  places: Readonly<Record<string, string>> = {},
): Promise<string> {
  const named = lines.join('\n').replaceAll(NAME, (name) => NAMES[name as keyof typeof NAMES]);
  const text = Object.entries(places).reduce((all, [from, to]) => all.replaceAll(from, to), named);
  const env = {
    ...process.env,
    OS_CLIENT_CONFIG_FILE: lab.cloudsYaml,
    OS_CLOUD: 'prober-pw',
    LC_ALL: 'C.UTF-8',
  };
  const { code, stdout, stderr } = await command('sh', ['-euxc', text], { env, cwd: folder });
  expect(code, stderr).toBe(0);
  return stdout;
}

/** One command of our own, of which the output is wanted if it is JSON. */
async function openstack(line: string): Promise<unknown> {
  const output = await runLines([`openstack ${line}`]);
  return line.endsWith('-f json') ? JSON.parse(output) : output;
}
