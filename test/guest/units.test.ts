import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

import { findOnPath } from '../../lab/tools/command.ts';
import { renderUserData } from '../../src/activities/userData.ts';
import { NEW_PROBE, readUserData, userDataDeps } from '../support/userData.ts';
import { GUEST } from './support.ts';

const UNITS = '/etc/systemd/system/';
const AGENT = '/usr/local/bin/innervisor-agent';

it('systemd takes every unit that cloud-init writes, without a word', async (context) => {
  const analyze = await findOnPath('systemd-analyze');
  if (analyze === undefined) context.skip('there is no systemd-analyze on this machine');
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-units-'));
  context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const rendered = renderUserData(userDataDeps({ scrapeNetworks: ['198.51.100.0/24'] }), NEW_PROBE);
  for (const [path, { content }] of readUserData(rendered).files) {
    if (!path.startsWith(UNITS)) continue;
    const file = join(folder, path.slice(UNITS.length));
    await mkdir(dirname(file), { recursive: true });
    // The program lies elsewhere on this machine, and systemd looks whether it is there.
    await writeFile(file, content.replace(AGENT, join(GUEST, 'root', AGENT)));
  }

  const units = ['innervisor-exporter.service', 'innervisor-agent.service', 'innervisor-agent.timer'];
  const { stdout, stderr } = await promisify(execFile)(
    analyze ?? '',
    ['verify', '--man=no', ...units.map((unit) => join(folder, unit))],
    // The colon at the end adds the machine's own units.
    { env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` } },
  );

  expect(stdout + stderr).toBe('');
});
