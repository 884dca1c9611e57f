/** User agent of the observer, so that its own requests can be left out. */
export const OBSERVER = 'innervisor-observer';

/** Root addresses of a cloud's services, with their versions: `http://127.0.0.1:15000/v3`, `…/v2.1`. */
export interface Roots {
  readonly keystone: string;
  readonly nova: string;
  readonly neutron: string;
  readonly glance: string;
}

const PASSWORD = 'lab-secret';
/**
 * Has `host` on create (2.74). From 2.88 on a listing of hypervisors asks each compute service for its
 * uptime, so that a dead one makes it hang for a minute and fail:
 * https://docs.openstack.org/nova/latest/reference/api-microversion-history.html
 * Each service reads its own part: https://specs.openstack.org/openstack/api-sig/guidelines/microversion_specification.html
 */
const MICROVERSIONS = 'compute 2.87, placement 1.28';
const TIMEOUT_MS = 120_000;

/** An answer outside of 2xx. */
export class ApiError extends Error {
  readonly status: number;

  constructor(method: string, url: string, status: number, body: string) {
    super(`${method} ${url} answered ${status}: ${body.slice(0, 300)}`);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** One user of a cloud of the lab's kind, scoped to one project; independent of the product's own client. */
export class Session {
  readonly #keystone: string;
  readonly #user: string;
  readonly #project: string;
  #token: string | null = null;

  constructor({ keystone }: Roots, user: string, project: string) {
    this.#keystone = keystone;
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
        'openstack-api-version': MICROVERSIONS,
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
    const response = await fetch(`${this.#keystone}/auth/tokens`, {
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
