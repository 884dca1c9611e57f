import type { Clock } from '../core/clock.ts';
import {
  NotModelled,
  objectIn,
  Refusal,
  textOf,
  type Answer,
  type Call,
  type RawCall,
} from '../http/call.ts';
import type { Route } from '../http/router.ts';
import { createService, type Service } from '../http/service.ts';
import { isAdmin } from '../keystone/caller.ts';
import type { Origins } from '../keystone/catalog.ts';
import type { Identity } from '../keystone/identity.ts';
import { createTokenCheck } from '../keystone/tokenCheck.ts';
import { listAnswer, neutronError, PAGE_QUERY } from './answers.ts';
import { portRoutes } from './ports.ts';
import { renderAvailability, renderGroup, renderNetwork, renderSubnet } from './render.ts';
import type { NetworkState, Port } from './state.ts';

/** What Neutron knows. */
export interface NeutronParts {
  readonly identity: Identity;
  readonly origins: Origins;
  readonly clock: Clock;
  readonly state: NetworkState;
  /** Is told of each port that somebody deletes by the API. */
  readonly onPortDeleted: (port: Port) => void;
  readonly onUnknown: (what: string) => void;
}

/** Makes Neutron. */
export function createNeutron(parts: NeutronParts): Service {
  const { identity, origins, clock, state } = parts;
  const self = `${origins.neutron}/v2.0`;
  const decorate = (answer: Answer, call: RawCall): Answer =>
    call.path === '/'
      ? answer
      : { ...answer, headers: { 'x-openstack-request-id': call.requestId, ...answer.headers } };
  return createService({
    name: 'neutron',
    prefix: '/v2.0',
    routes: [
      versions(origins),
      ...networkRoutes(state, self),
      ...portRoutes(state, self, parts.onPortDeleted),
      ...quotaRoutes(state),
    ],
    authenticate: createTokenCheck('neutron', identity, clock, () => `${origins.keystone}/v3`),
    decorate,
    decorateEarly: decorate,
    malformed: () => neutronError(400, 'HTTPBadRequest', 'Invalid JSON in body.'),
    onUnknown: parts.onUnknown,
  });
}

function versions(origins: Origins): Route {
  const version = {
    id: 'v2.0',
    status: 'CURRENT',
    links: [{ rel: 'self', href: `${origins.neutron}/v2.0/` }],
  };
  return {
    method: 'GET',
    path: '/',
    open: true,
    answer: () => ({ status: 200, body: { versions: [version] } }),
  };
}

function networkRoutes(state: NetworkState, self: string): Route[] {
  const visible = ({ caller }: Call) =>
    [...state.networks.values()].filter(({ id }) => state.visible(id, caller.projectId, isAdmin(caller)));
  const matches = (call: Call, fields: Readonly<Record<string, string>>): boolean =>
    Object.entries(fields).every(([name, value]) => {
      const wanted = call.query.getAll(name);
      return wanted.length === 0 || wanted.includes(value);
    });
  return [
    {
      method: 'GET',
      path: '/networks',
      query: ['name', 'id', 'project_id', ...PAGE_QUERY],
      answer: (call) => {
        const found = visible(call).filter(({ id, name, projectId }) =>
          matches(call, { id, name, project_id: projectId }),
        );
        const render = { idOf: ({ id }: { id: string }) => id };
        const admin = isAdmin(call.caller);
        return listAnswer(call, 'networks', `${self}/networks`, found, {
          ...render,
          render: (network) => renderNetwork(network, admin),
        });
      },
    },
    {
      method: 'GET',
      path: '/networks/{id}',
      answer: (call) => {
        const id = call.params['id'] ?? '';
        const network = state.visible(id, call.caller.projectId, isAdmin(call.caller));
        if (network === undefined) {
          throw new Refusal(neutronError(404, 'NetworkNotFound', `Network ${id} could not be found.`));
        }
        return { status: 200, body: { network: renderNetwork(network, isAdmin(call.caller)) } };
      },
    },
    {
      method: 'DELETE',
      path: '/networks/{id}',
      answer: (call) => {
        const id = call.params['id'] ?? '';
        if (state.visible(id, call.caller.projectId, isAdmin(call.caller)) === undefined) {
          throw new Refusal(neutronError(404, 'NetworkNotFound', `Network ${id} could not be found.`));
        }
        if ([...state.ports.values()].some(({ network }) => network.id === id))
          throw new NotModelled('the deletion of a network with ports');
        state.networks.delete(id);
        return { status: 204 };
      },
    },
    {
      method: 'POST',
      path: '/networks',
      answer: (call) => {
        const { projectId } = call.caller;
        const max = state.quota(projectId)['network'] ?? -1;
        const used = [...state.networks.values()].filter((one) => one.projectId === projectId).length;
        if (max >= 0 && used >= max) {
          throw new Refusal(neutronError(409, 'OverQuota', "Quota exceeded for resources: ['network']."));
        }
        const name = textOf(objectIn(call.body, 'network')['name']);
        const network = state.addNetwork(name, projectId, null);
        return { status: 201, body: { network: renderNetwork(network, isAdmin(call.caller)) } };
      },
    },
    {
      method: 'GET',
      path: '/subnets',
      query: ['network_id', ...PAGE_QUERY],
      answer: (call) => {
        const found = visible(call).filter(
          (network) => network.subnetId !== null && matches(call, { network_id: network.id }),
        );
        return listAnswer(call, 'subnets', `${self}/subnets`, found, {
          idOf: ({ subnetId }) => subnetId ?? '',
          render: renderSubnet,
        });
      },
    },
    {
      method: 'GET',
      path: '/network-ip-availabilities',
      query: ['network_id'],
      answer: (call) => {
        // Who isn't an administrator is shown nothing, with a 200.
        const found = isAdmin(call.caller)
          ? visible(call).filter((network) => matches(call, { network_id: network.id }))
          : [];
        return { status: 200, body: { network_ip_availabilities: found.map(renderAvailability) } };
      },
    },
    {
      method: 'GET',
      path: '/security-groups',
      query: ['name', 'id', 'project_id', ...PAGE_QUERY],
      answer: (call) => {
        state.defaultGroup(call.caller.projectId);
        const found = [...state.groups.values()].filter(
          ({ id, name, projectId }) =>
            (isAdmin(call.caller) || projectId === call.caller.projectId) &&
            matches(call, { id, name, project_id: projectId }),
        );
        return listAnswer(call, 'security_groups', `${self}/security-groups`, found, {
          idOf: ({ id }) => id,
          render: renderGroup,
        });
      },
    },
  ];
}

function requireAdmin(admin: boolean, rule: string): void {
  if (admin) return;
  throw new Refusal(neutronError(403, 'PolicyNotAuthorized', `(rule:${rule} is disallowed by policy)`));
}

function quotaRoutes(state: NetworkState): Route[] {
  return [
    {
      method: 'GET',
      path: '/quotas/{project}',
      answer: ({ params }) => ({ status: 200, body: { quota: state.quota(params['project'] ?? '') } }),
    },
    {
      method: 'GET',
      path: '/quotas/{project}/details.json',
      answer: ({ params, caller }) => {
        requireAdmin(isAdmin(caller), 'get_quota');
        const project = params['project'] ?? '';
        const used = state.usage(project);
        const quota = Object.fromEntries(
          Object.entries(state.quota(project)).map(([name, limit]) => [
            name,
            { limit, used: used[name] ?? 0, reserved: 0 },
          ]),
        );
        return { status: 200, body: { quota } };
      },
    },
    {
      method: 'PUT',
      path: '/quotas/{project}',
      answer: ({ params, body, caller }) => {
        requireAdmin(isAdmin(caller), 'update_quota');
        const quota = Object.assign(state.quota(params['project'] ?? ''), objectIn(body, 'quota'));
        return { status: 200, body: { quota } };
      },
    },
  ];
}
