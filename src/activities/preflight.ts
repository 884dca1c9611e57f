import { summarisePreflight, type PreflightCheck, type PreflightReport } from '../domain/preflight.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { attempt } from './preflight/checks.ts';
import { checkCompute } from './preflight/compute.ts';
import { checkAlertmanager, checkPrometheus, checkTargets } from './preflight/monitoring.ts';
import { observeNeed, type Need } from './preflight/need.ts';
import { checkNetworks } from './preflight/network.ts';
import { checkFlavor, checkImage, onlyFlavor } from './preflight/offer.ts';
import { checkStorage } from './preflight/storage.ts';

/**
 * Looks whether a pass could do its work, and changes nothing but objects of its own in S3 and a file of its own
 * beside the targets, which it removes again: what fails is told with its cure, all of it at once.
 */
export async function preflight(
  deps: StepDeps,
  input: PassInput,
  signal: AbortSignal,
): Promise<PreflightReport> {
  const checks = await Promise.all([
    checkCloud(deps, signal),
    checkStorage(deps, input, signal),
    checkPrometheus(deps, signal),
    checkTargets(deps, signal),
    attempt('Alertmanager', () => checkAlertmanager(deps, signal)),
  ]);
  return summarisePreflight(deps.region, checks.flat());
}

/** Those that hang together: a quota is enough or not for what selection and flavor ask for. */
async function checkCloud(deps: StepDeps, signal: AbortSignal): Promise<readonly PreflightCheck[]> {
  const { compute, image } = deps.openstack;
  let need: Need | undefined;
  const nova = await attempt('Nova', async () => {
    need = await observeNeed(deps, signal);
    const flavors = await compute.listFlavors(signal);
    const flavor = onlyFlavor(flavors, deps.probe.flavor);
    const [hosts, images] = await Promise.all([
      checkCompute(deps, need, flavor, signal),
      attempt('image', async () =>
        checkImage(deps, await image.listImages({ name: deps.probe.image }, signal), flavor),
      ),
    ]);
    return [...hosts, ...checkFlavor(deps, flavors, flavor), ...images];
  });
  return [...nova, ...(await checkNetworks(deps, need, signal))];
}
