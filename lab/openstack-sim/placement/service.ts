import type { Clock } from '../core/clock.ts';
import { createService, type Service } from '../http/service.ts';
import type { Origins } from '../keystone/catalog.ts';
import type { Identity } from '../keystone/identity.ts';
import { createTokenCheck } from '../keystone/tokenCheck.ts';

/** Makes Placement: its version document alone; what it would refuse, Nova refuses here by its own books. */
export function createPlacement(parts: {
  readonly identity: Identity;
  readonly origins: Origins;
  readonly clock: Clock;
  readonly onUnknown: (what: string) => void;
}): Service {
  const version = {
    id: 'v1.0',
    max_version: '1.39',
    min_version: '1.0',
    status: 'CURRENT',
    links: [{ rel: 'self', href: '' }],
  };
  return createService({
    name: 'placement',
    prefix: '',
    routes: [
      {
        method: 'GET',
        path: '/',
        open: true,
        answer: () => ({ status: 200, body: { versions: [version] } }),
      },
    ],
    authenticate: createTokenCheck(
      'placement',
      parts.identity,
      parts.clock,
      () => `${parts.origins.keystone}/v3`,
    ),
    decorate: (answer, call) => ({
      ...answer,
      headers: {
        'openstack-api-version': 'placement 1.0',
        vary: 'openstack-api-version',
        'x-openstack-request-id': call.requestId,
        ...answer.headers,
      },
    }),
    decorateEarly: (answer, call) => ({
      ...answer,
      headers: { 'x-openstack-request-id': call.requestId, ...answer.headers },
    }),
    malformed: () => ({ status: 400, body: { errors: [{ status: 400, title: 'Bad Request' }] } }),
    onUnknown: parts.onUnknown,
  });
}
