import type { Replayer } from '../replayer.ts';

/** Versions, which anyone may read. */
export async function replayVersions(replayer: Replayer): Promise<void> {
  await replayer.replayAll([
    'keystone-root-300',
    'keystone-version',
    'glance-versions',
    'neutron-versions',
    'nova-versions-root',
    'versions-nova-root',
    'nova-versions-v2.1',
    'nova-versions-v2.1-slash',
    'version-v2.1-document',
    'placement-root',
  ]);
}

/** Logging in, in all ways that work and don't; tokens that are good, bad, revoked. */
export async function replayTokens(replayer: Replayer): Promise<void> {
  await replayer.replayAll([
    'token-application-credential',
    'token-application-credential-wrong-secret-401',
    'token-application-credential-unknown-404or401',
    'token-application-credential-with-scope',
    'token-password',
    'token-password-wrong-401',
    'token-unscoped-password',
    'token-bad-request-400',
    'catalog',
    'nova-401-invalid-token',
    'nova-401-no-token',
    'neutron-401-invalid-token',
    'glance-401-invalid-token',
    'placement-401-invalid-token',
  ]);
  const token = await replayer.logins.freshToken('prober');
  await replayer.replay('nova-401-tampered-token', { token: tampered(token) });
  await replayer.replay('token-validate', { subjectToken: token });
  await replayer.replay('token-validate-invalid-404', { subjectToken: tampered(token) });

  // Nova asks Keystone once and remembers the answer for some minutes.
  const remembered = await replayer.replay('nova-latest-microversion', { token });
  if (remembered.status !== 200) throw new Error('a fresh token does not work');
  await replayer.replay('token-revoke-204', { subjectToken: token });
  await replayer.replay('nova-200-revoked-token', { token });
}

function tampered(token: string): string {
  return `${token.slice(0, -8)}AAAAAAAA`;
}
