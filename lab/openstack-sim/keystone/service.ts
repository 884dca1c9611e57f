import { isoMicros } from '../core/time.ts';
import { unauthorized } from '../faults/answers.ts';
import { headerOf, Refusal, type Answer, type Call } from '../http/call.ts';
import type { Route } from '../http/router.ts';
import { createService, type Service } from '../http/service.ts';
import { authenticate, notFound } from './authenticate.ts';
import { isAdmin } from './caller.ts';
import type { Origins } from './catalog.ts';
import type { Identity, Token } from './identity.ts';
import { createTokenCheck } from './tokenCheck.ts';
import type { Clock } from '../core/clock.ts';

const DOMAIN = { id: 'default', name: 'Default' };

/** What Keystone knows. */
export interface KeystoneParts {
  readonly identity: Identity;
  readonly catalog: unknown;
  readonly origins: Origins;
  readonly clock: Clock;
  readonly onUnknown: (what: string) => void;
}

/** Makes Keystone. */
export function createKeystone(parts: KeystoneParts): Service {
  const url = `${parts.origins.keystone}/v3`;
  return createService({
    name: 'keystone',
    prefix: '/v3',
    routes: [...versionRoutes(parts), ...tokenRoutes(parts, url), ...projectRoutes(parts)],
    authenticate: createTokenCheck('keystone', parts.identity, parts.clock, () => url),
    decorate,
    decorateEarly: decorate,
    malformed: () => ({
      status: 400,
      body: {
        error: { code: 400, message: 'Expecting to find valid JSON in request body.', title: 'Bad Request' },
      },
    }),
    onUnknown: parts.onUnknown,
  });
}

function decorate(answer: Answer, call: { readonly requestId: string }): Answer {
  const headers = { vary: 'X-Auth-Token', 'x-openstack-request-id': call.requestId, ...answer.headers };
  return { ...answer, headers };
}

function versionRoutes({ origins }: KeystoneParts): Route[] {
  const href = `${origins.keystone}/v3/`;
  const version = {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
  const document = (): Answer => ({ status: 200, body: { version } });
  const root = (): Answer => ({
    status: 300,
    headers: { location: href },
    body: { versions: { values: [version] } },
  });
  return [
    { method: 'GET', path: '/', open: true, answer: root },
    { method: 'GET', path: '/v3', open: true, answer: document },
    { method: 'GET', path: '/v3/', open: true, answer: document },
  ];
}

function tokenRoutes({ identity, catalog, origins }: KeystoneParts, url: string): Route[] {
  const path = '/auth/tokens';
  const subject = (call: Call): Token => {
    const token = identity.find(headerOf(call, 'x-subject-token'));
    if (token === undefined) throw new Refusal(notFound('Could not recognize Fernet token'));
    return token;
  };
  const show = (status: number, token: Token): Answer => ({
    status,
    headers: { 'x-subject-token': token.id },
    body: { token: renderToken(token, identity, catalog) },
  });
  const checkCaller = (call: Call): void => {
    if (identity.find(headerOf(call, 'x-auth-token')) === undefined) {
      throw new Refusal(unauthorized('keystone', url));
    }
  };
  return [
    {
      method: 'POST',
      path: `/v3${path}`,
      open: true,
      answer: (call) => show(201, authenticate(identity, call.body, url)),
    },
    { method: 'GET', path, answer: (call) => show(200, subject(call)) },
    {
      method: 'DELETE',
      path: `/v3${path}`,
      open: true,
      answer: (call) => {
        checkCaller(call);
        identity.revoke(subject(call).id);
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/auth/catalog',
      answer: () => ({
        status: 200,
        body: { catalog, links: { self: `${origins.keystone}/v3/auth/catalog` } },
      }),
    },
  ];
}

function projectRoutes({ identity, origins }: KeystoneParts): Route[] {
  return [
    {
      method: 'GET',
      path: '/projects',
      query: ['name'],
      answer: ({ caller, query }) => {
        if (!isAdmin(caller)) throw new Refusal(forbidden('identity:list_projects'));
        const name = query.get('name');
        const projects = identity.projects.filter((project) => name === null || project.name === name);
        const base = `${origins.keystone}/v3/projects`;
        return {
          status: 200,
          body: {
            projects: projects.map((project) => ({
              ...project,
              domain_id: DOMAIN.id,
              description: '',
              enabled: true,
              parent_id: DOMAIN.id,
              is_domain: false,
              tags: [],
              options: {},
              links: { self: `${base}/${project.id}` },
            })),
            links: {
              next: null,
              self: `${base}${query.size === 0 ? '' : `?${query.toString()}`}`,
              previous: null,
            },
          },
        };
      },
    },
  ];
}

function forbidden(policy: string): Answer {
  const message = `You are not authorized to perform the requested action: ${policy}.`;
  return { status: 403, body: { error: { code: 403, message, title: 'Forbidden' } } };
}

function renderToken(token: Token, identity: Identity, catalog: unknown): unknown {
  const { user, project, credential } = token;
  const time = (ms: number): string => `${isoMicros(ms)}Z`;
  return {
    methods: token.methods,
    user: { domain: DOMAIN, id: user.id, name: user.name, password_expires_at: null },
    audit_ids: [token.auditId],
    expires_at: time(token.expiresAtMs),
    issued_at: time(token.issuedAtMs),
    ...(project === null
      ? {}
      : {
          project: { domain: DOMAIN, ...project },
          is_domain: false,
          roles: (user.roles.get(project.id) ?? []).map((name) => ({ id: identity.roles.get(name), name })),
          catalog,
        }),
    ...(credential === null
      ? {}
      : { application_credential: { id: credential.id, name: credential.name, restricted: true } }),
  };
}
