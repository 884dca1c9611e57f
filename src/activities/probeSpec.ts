import type { StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { canonicalJson, sha256 } from './artifacts.ts';
import { renderUserDataTemplate } from './userData.ts';

/** What the configuration's names mean in this cloud now. */
export interface ProbeSpec {
  readonly imageId: string;
  readonly flavorId: string;
  readonly networkIds: readonly string[];
  readonly revision: string;
}

/** Finds image, flavor and networks; a name that matches none or several is terminal and says so. */
export async function resolveProbeSpec(deps: StepDeps, signal: AbortSignal): Promise<ProbeSpec> {
  const { probe, openstack, region } = deps;
  const key = (name: string): string => `regions.${region}.probe.${name}`;
  const [images, flavors, networks, groups] = await Promise.all([
    openstack.image.listImages({ name: probe.image }, signal),
    openstack.compute.listFlavors(signal),
    Promise.all(probe.networks.map((name) => openstack.network.listNetworks({ name }, signal))),
    Promise.all(probe.securityGroups.map((name) => openstack.network.listSecurityGroups({ name }, signal))),
  ]);
  const imageId = exactlyOne(images, 'image', probe.image, key('image'));
  const flavorId = exactlyOne(
    flavors.filter(({ name, id }) => name === probe.flavor || id === probe.flavor),
    'flavor',
    probe.flavor,
    key('flavor'),
  );
  const networkIds = networks.map((found, i) =>
    exactlyOne(found, 'network', probe.networks[i] ?? '', key('networks')),
  );
  for (const [i, found] of groups.entries()) {
    exactlyOne(found, 'security group', probe.securityGroups[i] ?? '', key('securityGroups'));
  }
  const made = {
    imageId,
    flavorId,
    networkIds,
    securityGroups: probe.securityGroups,
    keyName: probe.keyName,
    userData: renderUserDataTemplate(deps),
  };
  return { imageId, flavorId, networkIds, revision: sha256(canonicalJson(made)).slice(0, 12) };
}

function exactlyOne(
  found: readonly { readonly id: string }[],
  what: string,
  name: string,
  key: string,
): string {
  const [first, second] = found;
  if (first === undefined) {
    throw failure(
      'invalidConfig',
      `no ${what} ${JSON.stringify(name)} in this cloud; correct ${key} or upload it`,
      { terminal: true },
    );
  }
  if (second !== undefined) {
    const ids = found
      .slice(0, 5)
      .map(({ id }) => id)
      .join(', ');
    throw failure(
      'invalidConfig',
      `${found.length} matches for ${what} ${JSON.stringify(name)} (${ids}); make the name unique or correct ${key}`,
      { terminal: true },
    );
  }
  return first.id;
}
