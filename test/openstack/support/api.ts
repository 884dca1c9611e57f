import { OBSERVER } from './requests.ts';

const KEYSTONE = 'http://127.0.0.1:15000/v3';
const NOVA = 'http://127.0.0.1:18774/v2.1';
const NEUTRON = 'http://127.0.0.1:19696/v2.0';
const GLANCE = 'http://127.0.0.1:19292/v2';
const PASSWORD = 'lab-secret';
/**
 * Has `host` on create (2.74). From 2.88 on a listing of hypervisors asks each compute service for its
 * uptime, so that a dead one makes it hang for a minute and fail:
 * https://docs.openstack.org/nova/latest/reference/api-microversion-history.html
 */
const MICROVERSION = '2.87';
const TIMEOUT_MS = 120_000;

/** Root addresses of the lab's services. */
export const ROOTS = { keystone: KEYSTONE, nova: NOVA, neutron: NEUTRON, glance: GLANCE } as const;

/** An answer outside of 2xx. */
export class ApiError extends Error {
  readonly status: number;

  constructor(method: string, url: string, status: number, body: string) {
    super(`${method} ${url} answered ${status}: ${body.slice(0, 300)}`);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** One user of the lab, scoped to one project; independent of the product's own client. */
export class Session {
  readonly #user: string;
  readonly #project: string;
  #token: string | null = null;

  constructor(user: string, project: string) {
    this.#user = user;
    this.#project = project;
  }

  /**
   * One request; a token that has run out is replaced once.
   *
   * @returns the parsed body, `null` when there is none.
   * @throws {@link ApiError} for any status outside of 2xx.
   */
  async call(method: string, url: string, body?: unknown): Promise<unknown> {
    let response = await this.#send(method, url, body);
    if (response.status === 401) {
      this.#token = null;
      response = await this.#send(method, url, body);
    }
    const text = await response.text();
    if (!response.ok) throw new ApiError(method, url, response.status, text);
    return text === '' ? null : (JSON.parse(text) as unknown);
  }

  async #send(method: string, url: string, body: unknown): Promise<Response> {
    this.#token ??= await this.#authenticate();
    return fetch(url, {
      method,
      headers: {
        'user-agent': OBSERVER,
        'x-auth-token': this.#token,
        'content-type': 'application/json',
        'openstack-api-version': `compute ${MICROVERSION}`,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  }

  async #authenticate(): Promise<string> {
    const domain = { id: 'default' };
    const identity = {
      methods: ['password'],
      password: { user: { name: this.#user, domain, password: PASSWORD } },
    };
    const response = await fetch(`${KEYSTONE}/auth/tokens`, {
      method: 'POST',
      headers: { 'user-agent': OBSERVER, 'content-type': 'application/json' },
      body: JSON.stringify({ auth: { identity, scope: { project: { name: this.#project, domain } } } }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    const token = response.headers.get('x-subject-token');
    if (token === null) throw new Error(`Keystone gave no token: status ${response.status}`);
    return token;
  }
}
