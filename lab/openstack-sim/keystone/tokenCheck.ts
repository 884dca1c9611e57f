import type { Clock } from '../core/clock.ts';
import { unauthorized } from '../faults/answers.ts';
import { headerOf, Refusal, type RawCall, type ServiceName } from '../http/call.ts';
import type { Caller } from './caller.ts';
import type { Identity, Token } from './identity.ts';

/** Services remember for so long that a token was good, even if it is revoked meanwhile. */
const CACHE_MS = 300_000;

/** Makes the check of tokens in front of one service (keystonemiddleware, with its cache). */
export function createTokenCheck(
  service: ServiceName,
  identity: Identity,
  clock: Clock,
  keystoneUrl: () => string,
): (call: RawCall) => Caller {
  const cache = new Map<string, { readonly token: Token; readonly untilMs: number }>();
  return (call) => {
    const id = headerOf(call, 'x-auth-token');
    const nowMs = clock.now();
    const known = cache.get(id);
    const cached = known !== undefined && nowMs < known.untilMs ? known.token : undefined;
    const token = cached ?? identity.find(id);
    if (token === undefined || nowMs >= token.expiresAtMs || token.project === null) {
      cache.delete(id);
      throw new Refusal(unauthorized(service, keystoneUrl()));
    }
    if (cached === undefined && service !== 'keystone') cache.set(id, { token, untilMs: nowMs + CACHE_MS });
    return callerOf(token);
  };
}

/** Who holds a token. */
export function callerOf(token: Token): Caller {
  const projectId = token.project?.id ?? '';
  return {
    userId: token.user.id,
    userName: token.user.name,
    projectId,
    roles: token.user.roles.get(projectId) ?? [],
  };
}
