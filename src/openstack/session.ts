import { z } from 'zod';

import { catalogSchema, selectEndpoint, type Catalog, type EndpointChoice } from './catalog.ts';
import { renderAuthRequest, type Credentials } from './credentials.ts';
import { resolveEndpoint } from './endpoint.ts';
import { OpenStackError, type OpenStackService } from './error.ts';
import { createSingleFlight, waitFor } from './single-flight.ts';
import type { Transport } from './transport.ts';

/** What a call needs to be heard by a service. */
export interface Authorization {
  readonly token: string;
  /** Of the project that the token is for; `undefined` for a token that is for none. */
  readonly projectId: string | undefined;
  /** @throws OpenStackError `misconfigured`. */
  endpointOf(service: OpenStackService): URL;
}

/** A token that is got when first needed and renewed before it expires; calls at the same time share one request. */
export interface Session {
  authorize(signal?: AbortSignal): Promise<Authorization>;
  /** Says that a service refused this token, so that the next call gets another one. */
  discard(token: string): void;
}

const tokenSchema = z.object({
  token: z.object({
    issued_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    catalog: catalogSchema.default([]),
    project: z.object({ id: z.string().min(1) }).optional(),
  }),
});

/** How long before its end a token is renewed, in milliseconds, so that none ends on its way. */
export const TOKEN_MARGIN_MS = 120_000;

/** When to renew a token that came at `nowMs`: by its lifetime and our clock, so that Keystone's may differ from it. */
export function computeRenewalMs(issuedAt: string, expiresAt: string, nowMs: number): number {
  const lifetimeMs = Date.parse(expiresAt) - Date.parse(issuedAt);
  return nowMs + lifetimeMs - Math.min(TOKEN_MARGIN_MS, lifetimeMs / 2);
}

/**
 * Makes a session; nothing is sent yet.
 * @throws OpenStackError `misconfigured` when the URL of Keystone is none.
 */
export function createSession(
  transport: Transport,
  options: EndpointChoice & { readonly credentials: Credentials },
): Session {
  const { credentials } = options;
  const keystone = resolveEndpoint('identity', credentials.authUrl);
  if (keystone === undefined) {
    throw new OpenStackError({
      code: 'misconfigured',
      service: 'identity',
      effect: 'none',
      message: 'the URL of Keystone (auth_url) is not an http:// or https:// URL',
    });
  }
  const tokens = createSingleFlight(
    () => requestToken(transport, keystone, credentials),
    ({ renewalMs }) => Date.now() < renewalMs,
  );
  return {
    async authorize(signal) {
      const { token, projectId, catalog } = await waitFor(() => tokens.get(), signal);
      return { token, projectId, endpointOf: (service) => selectEndpoint(catalog, service, options) };
    },
    discard: (token) => tokens.discard((kept) => kept.token === token),
  };
}

interface Token {
  readonly token: string;
  readonly projectId: string | undefined;
  readonly catalog: Catalog;
  readonly renewalMs: number;
}

async function requestToken(transport: Transport, keystone: URL, credentials: Credentials): Promise<Token> {
  const url = new URL(keystone);
  url.pathname += '/auth/tokens';
  const sentMs = Date.now();
  const reply = await transport
    .send({
      service: 'identity',
      purpose: 'get a token',
      method: 'POST',
      route: '/auth/tokens',
      url,
      headers: {},
      json: renderAuthRequest(credentials),
      // A token more or less changes nothing, so that a lost answer leaves no doubt.
      writes: false,
    })
    .catch((error: unknown) => {
      throw explainRefusal(error, credentials);
    });
  const token = reply.header('x-subject-token');
  if (token === undefined || token === '') throw reply.malformed('it has no X-Subject-Token');
  transport.hide(token);
  const { issued_at: issuedAt, expires_at: expiresAt, catalog, project } = reply.parse(tokenSchema).token;
  return { token, projectId: project?.id, catalog, renewalMs: computeRenewalMs(issuedAt, expiresAt, sentMs) };
}

/** Keystone answers 404 instead of 401 to an application credential that it doesn't know. */
function explainRefusal(error: unknown, credentials: Credentials): unknown {
  if (!(error instanceof OpenStackError)) return error;
  const unknownCredential = error.code === 'notFound' && credentials.kind === 'applicationCredential';
  if (!unknownCredential && error.code !== 'unauthenticated') return error;
  const what = credentials.kind === 'password' ? 'user, password and project' : 'the application credential';
  return new OpenStackError({
    ...error,
    code: 'unauthenticated',
    message: `${error.message}; check ${what}`,
  });
}
