import type { PreflightCheck } from '../../domain/preflight.ts';
import type { Flavor, Image } from '../../openstack/client.ts';
import type { StepDeps } from '../deps.ts';
import { failed, NAMED_MAX, passed, unknown, warned } from './checks.ts';

/** The flavor that probes get, if its name is that of exactly one. */
export function onlyFlavor(flavors: readonly Flavor[], wanted: string): Flavor | undefined {
  const found = flavors.filter(({ name, id }) => name === wanted || id === wanted);
  return found.length === 1 ? found[0] : undefined;
}

/** Whether there is the flavor, and whether probes of it measure what tenants feel. */
export function checkFlavor(
  { probe, region }: StepDeps,
  flavors: readonly Flavor[],
  flavor: Flavor | undefined,
): readonly PreflightCheck[] {
  if (flavor !== undefined)
    return [
      passed('flavor', `${probe.flavor}: ${flavor.vcpus} cores, ${flavor.ramMiB} MiB, ${flavor.diskGiB} GiB`),
      checkExtraSpecs(flavor),
    ];
  const known = flavors.map(({ name }) => name).slice(0, NAMED_MAX);
  return [
    failed(
      'flavor',
      `not exactly one is called ${probe.flavor}; there are ${known.join(', ')}${flavors.length > NAMED_MAX ? ', …' : ''}`,
      `correct regions.${region}.probe.flavor, or make the flavor and give the project access to it`,
    ),
  ];
}

/** A quota is stolen time of one's own making; see docs/probe-image.md. */
function checkExtraSpecs({ name, extraSpecs }: Flavor): PreflightCheck {
  const check = 'extra specs of the flavor';
  if (extraSpecs === null) {
    const detail = "they can't be seen with this account's rights";
    return unknown(check, detail, `see that ${name} has no quota:cpu_quota and no quota:cpu_period`);
  }
  const quotas = ['quota:cpu_quota', 'quota:cpu_period'].filter((key) => key in extraSpecs);
  if (quotas.length > 0)
    return failed(
      check,
      `${quotas.join(' and ')}: the kernel would take the CPU from a probe at its own limit, and that looks like a noisy neighbour`,
      `openstack flavor unset ${name} ${quotas.map((key) => `--property ${key}`).join(' ')}`,
    );
  if (extraSpecs['hw:cpu_policy'] === 'dedicated')
    return warned(
      check,
      'hw:cpu_policy=dedicated: nothing is stolen from a pinned CPU, so a probe would measure nothing',
      `openstack flavor unset ${name} --property hw:cpu_policy`,
    );
  return passed(check, 'none spoils what probes measure');
}

/** Whether there is the image, and whether a server of the flavor can be made of it. */
export function checkImage(
  { probe, region }: StepDeps,
  found: readonly Image[],
  flavor: Flavor | undefined,
): PreflightCheck {
  const key = `regions.${region}.probe.image`;
  const [image] = found;
  if (image === undefined)
    return failed('image', `no image is called ${probe.image}`, `upload it, or correct ${key}`);
  if (found.length > 1)
    return failed(
      'image',
      `${found.length} images are called ${probe.image}`,
      `make the name unique, or correct ${key}`,
    );
  if (image.status !== 'active')
    return failed('image', `${probe.image} is ${image.status}`, 'wait until it is active, or upload it anew');
  const { minDiskGiB, minRamMiB } = image;
  const needs = `${probe.image} is active and needs a disk of ${minDiskGiB} GiB and ${minRamMiB} MiB`;
  const fits =
    flavor === undefined ||
    // Nova takes a flavor without a disk for one as large as the image.
    ((flavor.diskGiB === 0 || flavor.diskGiB >= minDiskGiB) && flavor.ramMiB >= minRamMiB);
  if (fits) return passed('image', minDiskGiB + minRamMiB === 0 ? `${probe.image} is active` : needs);
  return failed(
    'image',
    `${needs}, more than the flavor has`,
    `give ${probe.flavor} as much, or take another one`,
  );
}
