import { parse } from 'yaml';
import { z } from 'zod';
import type { CloudUnderTest, Who } from './cloudUnderTest.ts';

const password = z.object({ username: z.string(), password: z.string(), project_name: z.string() });
const applicationCredential = z.object({
  application_credential_id: z.string(),
  application_credential_secret: z.string(),
});
const file = z.object({
  clouds: z.record(z.string(), z.object({ auth: z.union([applicationCredential, password]) })),
});

/** The logins of `clouds.yaml`, and a token for each of them. */
export interface Logins {
  readonly applicationCredential: { readonly id: string; readonly secret: string };
  readonly password: string;
  /** A token that is kept for the next time. */
  token(who: Who): Promise<string>;
  /** A token of its own. */
  freshToken(who: Who): Promise<string>;
}

/** Reads the logins of a cloud; asks for tokens only when they are wanted. */
export function readLogins(cloud: CloudUnderTest): Logins {
  const { clouds } = file.parse(parse(cloud.cloudsYaml));
  const prober = applicationCredential.parse(clouds['prober']?.auth);
  const proberPassword = password.parse(clouds['prober-pw']?.auth);
  const tokens = new Map<Who, Promise<string>>();

  async function freshToken(who: Who): Promise<string> {
    const response = await fetch(`${cloud.origins.identity}/v3/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth: authOf(clouds[who]?.auth) }),
    });
    const token = response.headers.get('x-subject-token');
    if (token === null) throw new Error(`no token for ${who}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
    return token;
  }

  return {
    applicationCredential: {
      id: prober.application_credential_id,
      secret: prober.application_credential_secret,
    },
    password: proberPassword.password,
    freshToken,
    token(who) {
      const token = tokens.get(who) ?? freshToken(who);
      tokens.set(who, token);
      return token;
    },
  };
}

function authOf(login: unknown): unknown {
  const credential = applicationCredential.safeParse(login);
  if (credential.success) {
    const { application_credential_id: id, application_credential_secret: secret } = credential.data;
    return { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
  }
  const { username: name, password: secret, project_name: project } = password.parse(login);
  const domain = { id: 'default' };
  return {
    identity: { methods: ['password'], password: { user: { name, domain, password: secret } } },
    scope: { project: { name: project, domain } },
  };
}
