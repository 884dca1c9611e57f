import { parse } from 'yaml';
import {
  startOpenstackSim,
  type OpenstackSim,
  type OpenstackSimOptions,
} from '../../../lab/openstack-sim/index.ts';
import type { Credentials } from '../../../src/openstack/client.ts';

/** One answer, as a plain HTTP client sees it. */
export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What stands at a place in an answer's body. */
export function at({ body }: Seen, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | undefined)?.[key],
    body,
  );
}

/** Asks Nova as one user, without the product's client. */
export type Ask = (method: string, path: string, body?: unknown, microversion?: string) => Promise<Seen>;

/** A simulated cloud with a manual clock, and someone who asks it. */
export async function startManual(options: OpenstackSimOptions = {}) {
  const sim = await startOpenstackSim({ clock: 'manual', ...options });
  return { sim, prober: await signIn(sim, 'prober', 'probes') };
}

/** Signs a user in. */
export async function signIn(sim: OpenstackSim, user: string, project: string): Promise<Ask> {
  const domain = { id: 'default' };
  const identity = {
    methods: ['password'],
    password: { user: { name: user, domain, password: 'lab-secret' } },
  };
  const auth = { identity, scope: { project: { name: project, domain } } };
  const answer = await fetch(`${sim.origins.keystone}/v3/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({ auth }),
  });
  const token = answer.headers.get('x-subject-token') ?? '';
  return async (method, path, body, microversion = '2.90') => {
    const response = await fetch(path.startsWith('http') ? path : `${sim.origins.nova}/v2.1${path}`, {
      method,
      headers: { 'x-auth-token': token, 'openstack-api-version': `compute ${microversion}` },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text.startsWith('{') ? (JSON.parse(text) as unknown) : null,
    };
  };
}

/** The body of `POST /servers`, with what a test changes. */
export async function aServer(sim: OpenstackSim, ask: Ask, change: object = {}) {
  const images = await ask('GET', `${sim.origins.glance}/v2/images`);
  const networks = await ask('GET', `${sim.origins.neutron}/v2.0/networks`);
  return {
    server: {
      name: 'p-x',
      flavorRef: 'probe',
      imageRef: at(images, 'images', 0, 'id'),
      networks: [{ uuid: at(networks, 'networks', 0, 'id') }],
      ...change,
    },
  };
}

/** Makes a server and gives its id. */
export async function create(sim: OpenstackSim, ask: Ask, change: object = {}): Promise<string> {
  const answer = await ask('POST', '/servers', await aServer(sim, ask, change));
  if (answer.status !== 202)
    throw new Error(`POST /servers: ${answer.status} ${JSON.stringify(answer.body)}`);
  return at(answer, 'server', 'id') as string;
}

/** The application credential of the cloud `prober`, for the product's client. */
export function proberCredentials({ cloudsYaml }: OpenstackSim): Credentials {
  const { auth } = (parse(cloudsYaml) as { clouds: { prober: { auth: Record<string, string> } } }).clouds
    .prober;
  return {
    kind: 'applicationCredential',
    authUrl: auth['auth_url'] ?? '',
    id: auth['application_credential_id'] ?? '',
    secret: auth['application_credential_secret'] ?? '',
  };
}
