import { member, NotModelled, objectIn, Refusal, textOf, type Call } from '../http/call.ts';
import type { Route } from '../http/router.ts';
import { isAdmin } from '../keystone/caller.ts';
import { listAnswer, neutronError, PAGE_QUERY } from './answers.ts';
import { renderPort } from './render.ts';
import { PortRefused, type NetworkState, type Port } from './state.ts';

const KNOWN_ATTRIBUTES = new Set(['network_id', 'name', 'fixed_ips']);
/** Real attributes of a port that nothing here makes use of. */
const OTHER_ATTRIBUTES = new Set([
  'admin_state_up',
  'allowed_address_pairs',
  'binding:host_id',
  'binding:profile',
  'binding:vnic_type',
  'description',
  'device_id',
  'device_owner',
  'mac_address',
  'port_security_enabled',
  'project_id',
  'security_groups',
  'tenant_id',
]);

/** The calls about ports. */
export function portRoutes(state: NetworkState, self: string, onDeleted: (port: Port) => void): Route[] {
  const find = ({ params, caller }: Call): Port => {
    const id = params['id'] ?? '';
    const port = state.ports.get(id);
    if (port !== undefined && (isAdmin(caller) || port.projectId === caller.projectId)) return port;
    throw new Refusal(neutronError(404, 'PortNotFound', `Port ${id} could not be found.`));
  };
  return [
    {
      method: 'GET',
      path: '/ports',
      query: ['device_id', 'tags', 'network_id', ...PAGE_QUERY],
      answer: (call) => {
        const { caller, query } = call;
        const devices = new Set(query.getAll('device_id'));
        const tags = (query.get('tags') ?? '').split(',').filter(Boolean);
        const network = query.get('network_id');
        const admin = isAdmin(caller);
        const found = [...state.ports.values()].filter(
          (port) =>
            (admin || port.projectId === caller.projectId) &&
            (devices.size === 0 || devices.has(port.deviceId)) &&
            (network === null || port.network.id === network) &&
            tags.every((tag) => port.tags.includes(tag)),
        );
        return listAnswer(call, 'ports', `${self}/ports`, found, {
          idOf: ({ id }) => id,
          render: (port) => renderPort(port, admin),
        });
      },
    },
    {
      method: 'GET',
      path: '/ports/{id}',
      answer: (call) => ({ status: 200, body: { port: renderPort(find(call), isAdmin(call.caller)) } }),
    },
    {
      method: 'POST',
      path: '/ports',
      answer: (call) => ({
        status: 201,
        body: { port: renderPort(create(state, call), isAdmin(call.caller)) },
      }),
    },
    {
      method: 'DELETE',
      path: '/ports/{id}',
      answer: (call) => {
        const port = find(call);
        onDeleted(port);
        state.removePort(port);
        return { status: 204 };
      },
    },
    {
      method: 'PUT',
      path: '/ports/{id}/tags',
      answer: (call) => {
        const tags = member(call.body, 'tags');
        if (!Array.isArray(tags)) throw new Refusal(neutronError(400, 'HTTPBadRequest', 'Invalid tags body'));
        const names = tags.map(String);
        state.changePort(find(call), { tags: names.toSorted() });
        return { status: 200, body: { tags: names } };
      },
    },
  ];
}

function create(state: NetworkState, call: Call): Port {
  const wanted = objectIn(call.body, 'port');
  const unknown = Object.keys(wanted).filter(
    (name) => !KNOWN_ATTRIBUTES.has(name) && !OTHER_ATTRIBUTES.has(name),
  );
  if (unknown.length > 0) {
    const names = unknown.map((name) => `'${name}'`).join(', ');
    throw new Refusal(neutronError(400, 'HTTPBadRequest', `Unrecognized attribute(s) ${names}`));
  }
  const ignored = Object.keys(wanted).find((name) => OTHER_ATTRIBUTES.has(name));
  if (ignored !== undefined) throw new NotModelled(`port attribute ${ignored}`);
  const id = String(wanted['network_id']);
  const network = state.visible(id, call.caller.projectId, isAdmin(call.caller));
  if (network === undefined) {
    throw new Refusal(neutronError(404, 'NetworkNotFound', `Network ${id} could not be found.`));
  }
  const fixed = Array.isArray(wanted['fixed_ips']) ? (wanted['fixed_ips'] as unknown[])[0] : undefined;
  const address = member(fixed, 'ip_address');
  try {
    return state.addPort(network, call.caller.projectId, {
      name: textOf(wanted['name']),
      ...(typeof address === 'string' ? { address } : {}),
    });
  } catch (error) {
    if (!(error instanceof PortRefused)) throw error;
    switch (error.reason) {
      case 'quota':
        throw new Refusal(neutronError(409, 'OverQuota', "Quota exceeded for resources: ['port']."));
      case 'taken': {
        const text = `IP address ${String(address)} already allocated in subnet ${network.subnetId ?? ''}`;
        throw new Refusal(neutronError(409, 'IpAddressAlreadyAllocated', text));
      }
      case 'exhausted': {
        const text = `No more IP addresses available on network ${network.id}.`;
        throw new Refusal(neutronError(409, 'IpAddressGenerationFailure', text));
      }
    }
  }
}
