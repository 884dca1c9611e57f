import { unauthorized } from '../faults/answers.ts';
import { member, NotModelled, objectIn, Refusal, type Answer } from '../http/call.ts';
import type { ApplicationCredential, Identity, Named, Token, User } from './identity.ts';

const DOMAINS = new Set(['default', 'Default']);

/**
 * Gives a token for the body of `POST /v3/auth/tokens`.
 *
 * @throws Refusal as Keystone refuses.
 */
export function authenticate(identity: Identity, body: unknown, keystoneUrl: string): Token {
  const auth = objectIn(body, 'auth');
  const method = auth['identity'];
  if (method === undefined) throw badRequest("'identity' is a required property");
  const methods = member(method, 'methods');
  if (!Array.isArray(methods)) throw badRequest("'methods' is a required property");
  const refuse = (): Refusal => new Refusal(unauthorized('keystone', keystoneUrl));
  if (methods.length !== 1) throw new NotModelled(`authentication with ${methods.length} methods`);
  switch (methods[0]) {
    case 'password':
      return byPassword(identity, objectIn(objectIn(method, 'password'), 'user'), auth['scope'], refuse);
    case 'application_credential':
      return byCredential(identity, objectIn(method, 'application_credential'), auth['scope'], {
        refuse,
        keystoneUrl,
      });
    default:
      throw new NotModelled(`authentication by ${String(methods[0])}`);
  }
}

function byPassword(
  identity: Identity,
  wanted: Readonly<Record<string, unknown>>,
  scope: unknown,
  refuse: () => Refusal,
): Token {
  const user = findUser(identity, wanted);
  if (user?.password !== wanted['password'] || user === undefined) throw refuse();
  if (scope !== undefined && scope !== 'unscoped' && member(scope, 'project') === undefined) {
    throw new NotModelled('a scope that is no project');
  }
  const [ownProject] = user.roles.keys();
  // Without a scope Keystone takes the user's default project.
  const project =
    scope === 'unscoped'
      ? null
      : scope === undefined
        ? (identity.projects.find(({ id }) => id === ownProject) ?? null)
        : findNamed(identity.projects, objectIn(scope, 'project'));
  if (project === undefined) throw refuse();
  if (project !== null && !user.roles.has(project.id)) throw refuse();
  return identity.issue({ methods: ['password'], user, project, credential: null });
}

function byCredential(
  identity: Identity,
  wanted: Readonly<Record<string, unknown>>,
  scope: unknown,
  { refuse, keystoneUrl }: { readonly refuse: () => Refusal; readonly keystoneUrl: string },
): Token {
  const credential = findCredential(identity, wanted);
  if (credential === undefined) {
    const name = String(wanted['id'] ?? wanted['name']);
    throw new Refusal(notFound(`Could not find Application Credential: ${name}.`));
  }
  if (credential.secret !== wanted['secret']) throw refuse();
  if (scope !== undefined) {
    const message =
      'Error authenticating with application credential: Application credentials cannot request a scope.';
    const error = { code: 401, identity: {}, message, title: 'Unauthorized' };
    throw new Refusal({ ...unauthorized('keystone', keystoneUrl), body: { error } });
  }
  const { user, project } = credential;
  return identity.issue({ methods: ['application_credential'], user, project, credential });
}

function findCredential(
  identity: Identity,
  wanted: Readonly<Record<string, unknown>>,
): ApplicationCredential | undefined {
  if (wanted['id'] !== undefined) return identity.credentials.find(({ id }) => id === wanted['id']);
  const user = findUser(identity, objectIn(wanted, 'user'));
  return identity.credentials.find((one) => one.name === wanted['name'] && one.user === user);
}

function findUser(identity: Identity, wanted: Readonly<Record<string, unknown>>): User | undefined {
  return findNamed(identity.users, wanted);
}

/** By id, or by name within the one domain that there is. */
function findNamed<Thing extends Named>(
  things: readonly Thing[],
  wanted: Readonly<Record<string, unknown>>,
): Thing | undefined {
  if (wanted['id'] !== undefined) return things.find(({ id }) => id === wanted['id']);
  const domain = objectIn(wanted, 'domain');
  if (!DOMAINS.has(String(domain['id'] ?? domain['name']))) return undefined;
  return things.find(({ name }) => name === wanted['name']);
}

/** Keystone's 404. */
export function notFound(message: string): Answer {
  return { status: 404, body: { error: { code: 404, message, title: 'Not Found' } } };
}

function badRequest(message: string): Refusal {
  return new Refusal({ status: 400, body: { error: { code: 400, message, title: 'Bad Request' } } });
}
