import type { Clock } from '../core/clock.ts';
import { type Answer } from '../http/call.ts';
import type { Route } from '../http/router.ts';
import { createService, type Service } from '../http/service.ts';
import type { Identity } from '../keystone/identity.ts';
import { createTokenCheck } from '../keystone/tokenCheck.ts';
import { hostRoutes } from './hostRoutes.ts';
import { hypervisorRoutes } from './hypervisorRoutes.ts';
import { insideRoutes } from './insideRoutes.ts';
import { decorate, decorateEarly, negotiate } from './microversion.ts';
import { offerRoutes } from './offerRoutes.ts';
import { serverRoutes } from './serverRoutes.ts';
import type { World } from './world.ts';

/** Makes Nova. */
export function createNova(
  world: World,
  parts: {
    readonly identity: Identity;
    readonly clock: Clock;
    readonly keystoneUrl: string;
    readonly onUnknown: (what: string) => void;
  },
): Service {
  return createService({
    name: 'nova',
    prefix: '/v2.1',
    routes: [
      ...versionRoutes(world),
      ...hypervisorRoutes(world),
      ...hostRoutes(world),
      ...offerRoutes(world),
      ...serverRoutes(world),
      ...insideRoutes(world),
    ],
    authenticate: createTokenCheck('nova', parts.identity, parts.clock, () => parts.keystoneUrl),
    negotiate,
    decorate: (answer, call, minor) => (call.path === '/' ? answer : decorate(answer, call, `2.${minor}`)),
    decorateEarly,
    malformed: () => ({
      status: 400,
      body: { badRequest: { code: 400, message: 'Malformed request body' } },
    }),
    onUnknown: parts.onUnknown,
  });
}

function versionRoutes({ origin }: World): Route[] {
  const current = {
    id: 'v2.1',
    status: 'CURRENT',
    version: '2.93',
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
  };
  const self = { rel: 'self', href: `${origin}/v2.1/` };
  const old = {
    id: 'v2.0',
    status: 'SUPPORTED',
    version: '',
    min_version: '',
    updated: '2011-01-21T11:33:21Z',
    links: [{ rel: 'self', href: `${origin}/v2/` }],
  };
  const document = (): Answer => ({
    status: 200,
    body: {
      version: {
        ...current,
        links: [self, { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' }],
        'media-types': [
          { base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' },
        ],
      },
    },
  });
  return [
    {
      method: 'GET',
      path: '/',
      open: true,
      answer: () => ({ status: 200, body: { versions: [old, { ...current, links: [self] }] } }),
    },
    { method: 'GET', path: '/v2.1', open: true, answer: document },
    { method: 'GET', path: '/v2.1/', open: true, answer: document },
  ];
}
