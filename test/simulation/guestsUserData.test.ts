import { gzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { readUserData } from '../../lab/guests/cloudConfig.ts';
import { startTestGuests, someServers, toBase64, userData } from './support/guests.ts';
import { eventually } from '../support/await.ts';

const NOWHERE = 'http://127.0.0.1:9/peers.json';

test.for([
  ['none', null, 'no user-data'],
  ['a script', toBase64('#!/bin/sh\ntrue\n'), 'does not begin with #cloud-config'],
  ['broken YAML', toBase64('#cloud-config\nwrite_files: [\n'), 'no YAML'],
  ['bytes that are no text', Buffer.from([0x23, 0xff, 0xfe]).toString('base64'), 'no UTF-8'],
  [
    'no file for the agent',
    toBase64('#cloud-config\npackages: []\n'),
    'writes no /etc/innervisor/probe.json',
  ],
  ['settings that are no JSON', userData(NOWHERE, 'p', { file: { content: '{' } }), 'is no JSON'],
  ['no peers_url', userData(NOWHERE, 'p', { settings: { peers_url: undefined } }), 'peers_url'],
  ['no key', userData(NOWHERE, 'p', { settings: { peers_public_key: 'none' } }), 'no public key'],
  ['a host name', userData(NOWHERE, 'p', { settings: { public_targets: ['a.test'] } }), 'not an IP address'],
  ['another port', userData(NOWHERE, 'p', { settings: { exporter_port: 1 } }), 'its exporter_port is 1'],
] as const)('A guest with %s boots without an agent and says why', async ([, userDataBase64, why]) => {
  await using lab = await startTestGuests();
  const [template] = someServers(1, NOWHERE, '127.89');
  if (template === undefined) throw new Error('no server');
  const server = { ...template, userDataBase64 };

  lab.guests.boot(server);
  const node = await eventually(() => lab.scrape(server, 'node'), { describe: 'its node exporter answers' });

  expect(node).toContain('node_cpu_seconds_total');
  await expect(lab.scrape(server, 'ping')).rejects.toThrow('fetch failed');
  expect(lab.guests.states()[0]?.problem).toContain(why);
});

test.for([
  ['plain', { content: 'settings' }],
  ['b64', { encoding: 'b64', content: toBase64('settings') }],
  ['gz+b64', { encoding: 'gz+b64', content: gzipSync('settings').toString('base64') }],
] as const)('A file is written from %s content', ([, file]) => {
  const [written] = readUserData(userData(NOWHERE, 'p', { file }));

  expect(written).toEqual({ path: '/etc/innervisor/probe.json', mode: 0o644, content: 'settings' });
});

test.for([
  ["'0600'", 0o600],
  ['0600', 0o600],
  ["'0o640'", 0o640],
] as const)('Permissions %s are octal, as cloud-init reads them', ([permissions, mode]) => {
  const text = `#cloud-config\nwrite_files:\n- path: /a\n  permissions: ${permissions}\n`;

  expect(readUserData(toBase64(text))).toEqual([{ path: '/a', mode, content: '' }]);
});

test('Packed user-data is unpacked, appended content is appended, and a bomb is refused', () => {
  const text =
    '#cloud-config\nwrite_files:\n- {path: /a, content: a}\n- {path: /a, content: b, append: true}\n';
  const bomb = gzipSync(`#cloud-config\n#${' '.repeat(2 * 1024 * 1024)}`).toString('base64');

  expect(readUserData(gzipSync(text).toString('base64'))[0]?.content).toBe('ab');
  expect(() => readUserData(bomb)).toThrow('too large');
});
