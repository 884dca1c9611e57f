import { describe, expect, test } from 'vitest';
import { parseProbe } from '../../../src/activities/observe.ts';
import type { Server } from '../../../src/openstack/client.ts';

const owner = { installation: 'test', region: 'lab' };

function aServer(fields: Partial<Server> = {}): Server {
  return {
    id: 'server-1',
    name: 'probe-cmp001-0a0b0c0d',
    status: 'ACTIVE',
    taskState: null,
    vmState: 'active',
    powerState: 1,
    host: 'cmp001',
    hypervisorHostname: 'cmp001.lab.example',
    availabilityZone: 'nova',
    metadata: {
      innervisor_installation: 'test',
      innervisor_region: 'lab',
      innervisor_hypervisor: 'cmp001.lab.example',
      innervisor_probe: '0a0b0c0d',
      innervisor_revision: 'rev1',
      innervisor_generation: '1',
    },
    tags: ['innervisor', 'innervisor-test', 'innervisor-region-lab', 'innervisor-probe-0a0b0c0d'],
    addresses: [{ network: 'probe-net', address: '10.77.0.9', version: 4, type: 'fixed' }],
    flavorName: 'probe',
    imageId: null,
    createdAt: '2026-01-01T00:00:00Z',
    launchedAt: null,
    updatedAt: null,
    fault: null,
    hostStatus: 'UP',
    locked: false,
    ...fields,
  };
}

describe('a server is a probe of ours', () => {
  test('with the whole mark', () => {
    expect(parseProbe(aServer(), owner)).toMatchObject({
      probeId: '0a0b0c0d',
      address: '10.77.0.9',
      phase: 'active',
    });
  });

  test.each<[string, Partial<Server>]>([
    ['our kind of name alone', { metadata: {}, tags: [] }],
    ['the tags alone', { metadata: {} }],
    ['the metadata alone', { tags: [] }],
    [
      'the tags of another probe',
      { tags: ['innervisor', 'innervisor-test', 'innervisor-region-lab', 'innervisor-probe-ffffffff'] },
    ],
    [
      'another installation’s metadata',
      { metadata: { ...aServer().metadata, innervisor_installation: 'prod' } },
    ],
    ['another region’s metadata', { metadata: { ...aServer().metadata, innervisor_region: 'other' } }],
    ['an id that is none', { metadata: { ...aServer().metadata, innervisor_probe: '0a0b|.*' } }],
  ])('but not with %s', (_name, fields) => {
    expect(parseProbe(aServer(fields), owner)).toBeUndefined();
  });
});

describe('the phase of a probe', () => {
  test.each<[Partial<Server>, string]>([
    [{ status: 'ACTIVE', taskState: 'deleting' }, 'deleting'],
    [{ status: 'SOFT_DELETED' }, 'softDeleted'],
    [{ status: 'BUILD', taskState: 'spawning', host: null }, 'building'],
    [{ status: 'ERROR', host: null }, 'error'],
    [{ status: 'MIGRATING' }, 'migrating'],
    [{ status: 'REBUILD', taskState: 'rebuilding' }, 'migrating'],
    [{ status: 'SHUTOFF' }, 'stopped'],
    [{ status: 'HARD_REBOOT' }, 'active'],
  ])('of %j is %s', (fields, phase) => {
    expect(parseProbe(aServer(fields), owner)?.phase).toBe(phase);
  });
});
