import type { RegionConfig } from './schema.ts';
import { loadPem, readSecretFile } from './secrets.ts';

type AccessConfig = Pick<RegionConfig['prometheus'], 'auth' | 'tls'>;

/** How a server of Prometheus' family is logged in to and verified: secrets and PEM as text. */
export interface HttpAccess {
  readonly auth:
    | { readonly kind: 'none' }
    | { readonly kind: 'basic'; readonly username: string; readonly password: string }
    | { readonly kind: 'bearer'; readonly token: string };
  readonly tls: {
    readonly ca: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
  };
}

/**
 * Reads the files that `auth` and `tls` of a server name; `key` names the setting in errors.
 * @throws ConfigReferenceError for a file that is absent, empty or no PEM.
 */
export async function loadHttpAccess({ auth, tls }: AccessConfig, key: string): Promise<HttpAccess> {
  const pem = async (name: 'caFile' | 'certFile' | 'keyFile'): Promise<string | undefined> =>
    tls[name] === undefined ? undefined : await loadPem(tls[name], `${key}.tls.${name}`);
  return {
    auth: await loadAuth(auth, `${key}.auth`),
    tls: { ca: await pem('caFile'), cert: await pem('certFile'), key: await pem('keyFile') },
  };
}

async function loadAuth(auth: AccessConfig['auth'], key: string): Promise<HttpAccess['auth']> {
  if (auth === null) return { kind: 'none' };
  if ('bearerTokenFile' in auth) {
    return { kind: 'bearer', token: await readSecretFile(auth.bearerTokenFile, `${key}.bearerTokenFile`) };
  }
  const { username, passwordFile } = auth.basic;
  return {
    kind: 'basic',
    username,
    password: await readSecretFile(passwordFile, `${key}.basic.passwordFile`),
  };
}
