import { REGION, type Origins } from './catalog.ts';
import type { Identity } from './identity.ts';

/** The text of a `clouds.yaml` with the clouds `prober`, `prober-pw`, `admin`, `plain` and `viewer`. */
export function renderCloudsYaml(identity: Identity, origins: Origins): string {
  const authUrl = `${origins.keystone}/v3`;
  const password = (cloud: string, user: string, project: string, secret: string): string => `  ${cloud}:
    auth:
      auth_url: ${authUrl}
      username: ${user}
      password: ${secret}
      project_name: ${project}
      user_domain_name: Default
      project_domain_name: Default
    region_name: ${REGION}
    identity_api_version: 3
`;
  const clouds = identity.users.map(({ name, password: secret, roles }) => {
    const [projectId] = roles.keys();
    const project = identity.projects.find(({ id }) => id === projectId)?.name ?? '';
    return password(name === 'prober' ? 'prober-pw' : name, name, project, secret);
  });
  const credentials = identity.credentials.map(
    ({ id, secret, user }) => `  ${user.name}:
    auth_type: v3applicationcredential
    auth:
      auth_url: ${authUrl}
      application_credential_id: ${id}
      application_credential_secret: ${secret}
    region_name: ${REGION}
    identity_api_version: 3
`,
  );
  return `clouds:\n${[...clouds, ...credentials].join('')}`;
}
