/** A user, project or domain: by id, or by a name that is unique only within its domain. */
export type DomainReference = { readonly id: string } | { readonly name: string };

/** See {@link DomainReference}. */
export type NamedInDomain =
  { readonly id: string } | { readonly name: string; readonly domain: DomainReference };

/** User and password, for one project. */
export interface PasswordCredentials {
  readonly kind: 'password';
  /** Keystone's URL, with or without `/v3`. */
  readonly authUrl: string;
  readonly user: NamedInDomain;
  readonly password: string;
  readonly project: NamedInDomain;
}

/** An application credential, which knows its project itself; by id, or by name and user. */
export type ApplicationCredentials = {
  readonly kind: 'applicationCredential';
  /** Keystone's URL, with or without `/v3`. */
  readonly authUrl: string;
  readonly secret: string;
} & ({ readonly id: string } | { readonly name: string; readonly user: NamedInDomain });

/** How we prove to Keystone who we are. */
export type Credentials = PasswordCredentials | ApplicationCredentials;

/**
 * The body of `POST /v3/auth/tokens`. For an application credential it names no scope: Keystone answers 401 to one.
 * @see https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management
 */
export function renderAuthRequest(credentials: Credentials): object {
  if (credentials.kind === 'password') {
    const { user, password, project } = credentials;
    return {
      auth: {
        identity: { methods: ['password'], password: { user: { ...user, password } } },
        scope: { project },
      },
    };
  }
  const { secret } = credentials;
  const credential =
    'id' in credentials
      ? { id: credentials.id, secret }
      : { name: credentials.name, user: credentials.user, secret };
  return {
    auth: { identity: { methods: ['application_credential'], application_credential: credential } },
  };
}

/** The strings that must never be seen in a message. */
export function secretsOf(credentials: Credentials): readonly string[] {
  return [credentials.kind === 'password' ? credentials.password : credentials.secret];
}
