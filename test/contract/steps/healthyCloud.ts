import { json, type Answer, type Cloud } from '../openstack/cloud.ts';

const CREATED = '2026-01-01T00:00:00Z';

/** An item of Glance's list. */
export function image(id: string): object {
  return { id, name: 'probe-image', status: 'active', created_at: CREATED };
}

/** An item of Nova's list of flavors. */
export function flavor(id: string, name = 'probe-flavor'): object {
  return { id, name, vcpus: 1, ram: 256, disk: 1 };
}

/** An item of Neutron's list. */
export function network(id: string): object {
  return { id, name: 'probe-network', project_id: 'project', status: 'ACTIVE', shared: false };
}

/** A probe as Nova lists it, with its whole mark. */
export function probeServer(
  probeId: string,
  owner: { readonly installation: string; readonly region: string },
): object {
  const { installation, region } = owner;
  return {
    id: `server-${probeId}`,
    name: `probe-cmp1-${probeId}`,
    status: 'ACTIVE',
    created: CREATED,
    metadata: {
      innervisor_installation: installation,
      innervisor_region: region,
      innervisor_hypervisor: 'cmp1',
      innervisor_probe: probeId,
      innervisor_revision: 'r1',
      innervisor_generation: '1',
    },
    tags: [
      'innervisor',
      `innervisor-${installation}`,
      `innervisor-region-${region}`,
      `innervisor-probe-${probeId}`,
    ],
    addresses: { 'probe-network': [{ addr: '127.0.0.1', version: 4 }] },
    'OS-EXT-SRV-ATTR:host': 'cmp1',
  };
}

/** Nova's answer about one server, until somebody has asked for its deletion. */
export function shownUntilDeleted(server: object): Answer {
  const shown = json(200, { server });
  const gone = json(404, { itemNotFound: { code: 404, message: 'Instance could not be found.' } });
  return (request, response, cloud) => {
    (cloud.count('DELETE', request.path) > 0 ? gone : shown)(request, response, cloud);
  };
}

/** Answers of Nova's list of servers: the page, and a link to the next one if there is one. */
export function serverPage(servers: readonly object[], hasMore = false): Answer {
  return (request, response, cloud) => {
    const href = `${cloud.origin}${request.path}?marker=next`;
    const links = hasMore ? { servers_links: [{ rel: 'next', href }] } : {};
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ servers, ...links }));
  };
}

/** Makes the cloud answer as a region of one hypervisor without probes, where each name is found once. */
export function answerAsHealthy(cloud: Cloud): Cloud {
  const service = { id: 'service-1', host: 'cmp1', zone: 'nova', state: 'up', status: 'enabled' };
  const hypervisor = {
    id: 'hypervisor-1',
    hypervisor_hostname: 'cmp1',
    hypervisor_type: 'QEMU',
    state: 'up',
    status: 'enabled',
    service: { host: 'cmp1' },
  };
  return cloud
    .on('GET', '/v2/images', json(200, { images: [image('image-1')] }))
    .on('GET', '/v2.1/flavors/detail', json(200, { flavors: [flavor('flavor-1')] }))
    .on('GET', '/v2.0/networks', json(200, { networks: [network('network-1')] }))
    .on('GET', '/v2.1/servers/detail', serverPage([]))
    .on('GET', '/v2.1/os-hypervisors/detail', json(200, { hypervisors: [hypervisor] }))
    .on('GET', '/v2.1/os-services', json(200, { services: [{ ...service, forced_down: false }] }));
}
