import { resolveVersionDocument } from './endpoint.ts';
import { OpenStackError, type OpenStackService } from './error.ts';
import { createMicroversionCheck } from './microversion.ts';
import type { Session } from './session.ts';
import { waitFor } from './single-flight.ts';
import type { Reply } from './reply.ts';
import type { HttpMethod } from './request.ts';
import type { Transport } from './transport.ts';

/** One call of a service. */
export interface ServiceCall {
  /** What it is for, as it stands in messages: "list servers". */
  readonly purpose: string;
  readonly method: HttpMethod;
  /** Below the endpoint, with its variable parts in braces: `/servers/{id}`. Metrics may use it as a label. */
  readonly route: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>> | URLSearchParams;
  readonly json?: unknown;
  /** The least microversion that the call needs and gets; left out: the service's oldest. */
  readonly microversion?: string;
  /** Whether it changes something over there; left out: whether it isn't a GET. */
  readonly writes?: boolean;
}

/** One service of one region, with token, microversion and errors taken care of. */
export interface ServiceClient {
  /** Sends one call; once more, with a new token, if the service answers 401. */
  send(call: ServiceCall, signal?: AbortSignal): Promise<Reply>;
  /**
   * The project that the calls are made for.
   * @throws OpenStackError `misconfigured` where the account is in none.
   */
  getProjectId(signal?: AbortSignal): Promise<string>;
}

/** Makes the client of the service of that type; sends nothing yet. */
export function createServiceClient(
  transport: Transport,
  session: Session,
  service: Exclude<OpenStackService, 'identity'>,
): ServiceClient {
  const checkMicroversion = createMicroversionCheck(transport, service);

  async function attempt(call: ServiceCall, endpoint: URL, token: string, signal: AbortSignal | undefined) {
    return transport.send(
      {
        service,
        purpose: call.purpose,
        method: call.method,
        route: call.route,
        url: callUrl(endpoint, call),
        headers: {
          'x-auth-token': token,
          ...(call.microversion === undefined
            ? {}
            : { 'openstack-api-version': `${service} ${call.microversion}` }),
        },
        ...(call.json === undefined ? {} : { json: call.json }),
        writes: call.writes ?? call.method !== 'GET',
      },
      signal,
    );
  }

  return {
    async getProjectId(signal) {
      const { projectId } = await session.authorize(signal);
      if (projectId !== undefined) return projectId;
      const message = 'the account is not scoped to a project; name one in clouds.yaml (project_name)';
      throw new OpenStackError({ code: 'misconfigured', service, effect: 'none', message });
    },
    async send(call, signal) {
      const first = await session.authorize(signal);
      const endpoint = first.endpointOf(service);
      if (call.microversion !== undefined) {
        const document = resolveVersionDocument(endpoint);
        const { purpose, microversion } = call;
        await waitFor(() => checkMicroversion(document, purpose, microversion), signal);
      }
      try {
        return await attempt(call, endpoint, first.token, signal);
      } catch (error) {
        if (!(error instanceof OpenStackError) || error.code !== 'unauthenticated') throw error;
      }
      session.discard(first.token);
      const second = await session.authorize(signal);
      return attempt(call, second.endpointOf(service), second.token, signal);
    },
  };
}

function callUrl(endpoint: URL, call: ServiceCall): URL {
  const url = new URL(endpoint);
  url.pathname += call.route.replace(/\{(\w+)\}/g, (_, name: string) => pathSegment(call.params?.[name]));
  url.search = new URLSearchParams(call.query as Record<string, string> | URLSearchParams).toString();
  return url;
}

/** An id of `..` would lead to another resource, and deleting that must be impossible. */
function pathSegment(value: string | undefined): string {
  if (value === undefined || /^\.{0,2}$/.test(value)) {
    throw new TypeError(`not an id that can stand in a path: ${JSON.stringify(value)}`);
  }
  return encodeURIComponent(value);
}
