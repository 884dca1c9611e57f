import {
  checkQuota,
  summarisePreflight,
  type PreflightCheck,
  type PreflightReport,
} from '../domain/preflight.ts';
import type { Aggregate, Flavor } from '../openstack/client.ts';
import { computeSelection } from '../planner/select.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { isClientError } from './failures.ts';
import { observeHypervisors, observeProbes } from './observe.ts';

const NAMED_MAX = 3;

/** Looks whether a pass could do its work, and changes nothing: what fails is told with its cure, all of it at once. */
export async function preflight(
  deps: StepDeps,
  _input: PassInput,
  signal: AbortSignal,
): Promise<PreflightReport> {
  const checks = await Promise.all([
    checkCompute(deps, signal),
    attempt('image', () => checkImage(deps, signal)),
    attempt('networks', () => checkNetworks(deps, signal)),
    attempt('security groups', () => checkSecurityGroups(deps, signal)),
    attempt('peers in S3', () => checkPeers(deps, signal)),
    attempt('artifacts in S3', () => checkArtifacts(deps, signal)),
    checkPrometheus(deps, signal),
    attempt('Alertmanager', () => checkAlertmanager(deps, signal)),
  ]);
  return summarisePreflight(deps.region, checks.flat());
}

/** What a check throws is what it found, if it is a client's: its message says where, why and what to do. */
async function attempt(
  check: string,
  look: () => Promise<PreflightCheck | readonly PreflightCheck[]>,
): Promise<readonly PreflightCheck[]> {
  try {
    return [await look()].flat();
  } catch (error) {
    if (!isClientError(error)) throw error;
    return [failed(check, error.message, 'see the message; access and addresses are in innervisor.yaml')];
  }
}

const passed = (check: string, detail: string): PreflightCheck => ({ check, status: 'pass', detail });
const failed = (check: string, detail: string, cure: string): PreflightCheck => ({
  check,
  status: 'fail',
  detail,
  cure,
});

/** Those that hang together: a quota is enough or not for what selection and flavor ask for. */
async function checkCompute(deps: StepDeps, signal: AbortSignal): Promise<readonly PreflightCheck[]> {
  const { compute } = deps.openstack;
  return await attempt('Nova', async () => {
    const [probes, flavors, limits, aggregates] = await Promise.all([
      observeProbes(deps, signal),
      compute.listFlavors(signal),
      compute.getLimits(signal),
      compute.listAggregates(signal),
    ]);
    const hypervisors = await observeHypervisors(deps, probes, signal);
    const decided = computeSelection(hypervisors, deps.policy, deps.matchGlobs);
    const selected = decided.filter(({ decision }) => decision === 'selected');
    const flavor = onlyFlavor(flavors, deps.probe.flavor);
    const hosts = new Map(hypervisors.map(({ hostname, serviceHost }) => [hostname, serviceHost]));
    const carrying = new Set(probes.map(({ hypervisor }) => hypervisor));
    const missing = selected.filter(({ hypervisor }) => !carrying.has(hypervisor)).length;
    const surge =
      deps.policy.replace === 'make-before-break' ? Math.min(deps.policy.replaceBatch, selected.length) : 0;
    const quota = (check: string, option: string, each: number, { used, max }: (typeof limits)['cores']) =>
      checkQuota({ check, option, used, max, missing: missing * each, surge: surge * each });
    return [
      selected.length > 0
        ? passed('hypervisors', `${selected.length} of ${hypervisors.length} are selected`)
        : failed(
            'hypervisors',
            `none of ${hypervisors.length} is selected`,
            `correct regions.${deps.region}.select`,
          ),
      checkFlavor(deps, flavors, flavor),
      quota('quota of instances', 'instances', 1, limits.instances),
      ...(flavor === undefined
        ? []
        : [
            quota('quota of cores', 'cores', flavor.vcpus, limits.cores),
            quota('quota of memory', 'ram', flavor.ramMiB, limits.ramMiB),
          ]),
      checkAggregates(
        aggregates,
        new Set(selected.map(({ hypervisor }) => hosts.get(hypervisor) ?? '')),
        deps.probe.pinning,
      ),
    ];
  });
}

function onlyFlavor(flavors: readonly Flavor[], wanted: string): Flavor | undefined {
  const found = flavors.filter(({ name, id }) => name === wanted || id === wanted);
  return found.length === 1 ? found[0] : undefined;
}

function checkFlavor(
  { probe, region }: StepDeps,
  flavors: readonly Flavor[],
  flavor: Flavor | undefined,
): PreflightCheck {
  if (flavor !== undefined)
    return passed(
      'flavor',
      `${probe.flavor}: ${flavor.vcpus} cores, ${flavor.ramMiB} MiB, ${flavor.diskGiB} GiB`,
    );
  const known = flavors.map(({ name }) => name).slice(0, NAMED_MAX);
  return failed(
    'flavor',
    `not exactly one is called ${probe.flavor}; there are ${known.join(', ')}${flavors.length > NAMED_MAX ? ', …' : ''}`,
    `correct regions.${region}.probe.flavor, or make the flavor and give the project access to it`,
  );
}

/** @see https://docs.openstack.org/nova/latest/admin/scheduling.html#aggregatemultitenancyisolation */
function checkAggregates(
  aggregates: readonly Aggregate[],
  selectedHosts: ReadonlySet<string>,
  pinning: 'requested' | 'forced',
): PreflightCheck {
  const isolating = aggregates.filter(
    ({ hosts, metadata }) =>
      hosts.some((host) => selectedHosts.has(host)) &&
      Object.keys(metadata).some((key) => key.startsWith('filter_tenant_id')),
  );
  if (isolating.length === 0)
    return passed('aggregates', 'none with selected hypervisors admits some projects only');
  const names = isolating.map(({ name }) => name).join(', ');
  if (pinning === 'forced')
    return passed('aggregates', `${names} admit some projects only; forced pinning asks no filter`);
  return {
    check: 'aggregates',
    status: 'warn',
    detail: `${names} admit only the projects in filter_tenant_id; a probe of another one finds no room there`,
    cure: "add the probes' project to filter_tenant_id, exclude the aggregate, or set probe.pinning to forced",
  };
}

async function checkImage(
  { openstack, probe, region }: StepDeps,
  signal: AbortSignal,
): Promise<PreflightCheck> {
  const found = await openstack.image.listImages({ name: probe.image }, signal);
  const [image] = found;
  const key = `regions.${region}.probe.image`;
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
  return passed('image', `${probe.image} is active`);
}

async function checkNetworks(
  { openstack, probe, region }: StepDeps,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  return await Promise.all(
    probe.networks.map(async (name) => {
      const found = await openstack.network.listNetworks({ name }, signal);
      const cure = `correct regions.${region}.probe.networks, or share exactly one network of that name with the project`;
      const check = `network ${name}`;
      if (found.length !== 1) return failed(check, `${found.length} networks are called so`, cure);
      const status = found[0]?.status ?? '';
      return status === 'ACTIVE' ? passed(check, 'it is ACTIVE') : failed(check, `it is ${status}`, cure);
    }),
  );
}

async function checkSecurityGroups(
  { openstack, probe, region }: StepDeps,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  return await Promise.all(
    probe.securityGroups.map(async (name) => {
      const found = await openstack.network.listSecurityGroups({ name }, signal);
      const check = `security group ${name}`;
      return found.length === 1
        ? passed(check, 'there is one')
        : failed(
            check,
            `${found.length} groups are called so`,
            `correct regions.${region}.probe.securityGroups, or make the group`,
          );
    }),
  );
}

async function checkPeers({ peersStore, peersKey }: StepDeps, signal: AbortSignal): Promise<PreflightCheck> {
  const head = await peersStore.headObject(peersKey, signal);
  const what = head === undefined ? `${peersKey} isn't there yet` : `${peersKey} is there`;
  return passed('peers in S3', `${what}; whether it may be written shows in the first pass`);
}

async function checkArtifacts(
  { artifacts, artifactsPrefix, region }: StepDeps,
  signal: AbortSignal,
): Promise<PreflightCheck> {
  await artifacts.listObjects(`${artifactsPrefix}${region}/`, { max: 1 }, signal);
  return passed('artifacts in S3', `${artifactsPrefix} can be listed`);
}

/** One replica that is away is a failure only where all have to have the targets. */
async function checkPrometheus(
  { publication: { replicas, required } }: StepDeps,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  const checks = await Promise.all(
    replicas.map(async ({ name, prometheus }) => {
      const check = `Prometheus ${name}`;
      return await attempt(check, async () => {
        const { reloadConfigSuccess } = await prometheus.getRuntimeInfo(signal);
        if (reloadConfigSuccess) return passed(check, 'it answers, and its configuration is in force');
        const cure = 'look into its log, and correct its configuration';
        return {
          check,
          status: 'warn',
          detail: 'its last reload failed, it goes on with an older one',
          cure,
        };
      });
    }),
  );
  const all = checks.flat();
  if (required === 'all' || all.every(({ status }) => status === 'fail')) return all;
  return all.map((one) => (one.status === 'fail' ? { ...one, status: 'warn' } : one));
}

async function checkAlertmanager(
  { alertmanager }: StepDeps,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  const members = await alertmanager.listSilencesOfMembers({}, signal);
  return members.map(({ member, failure }) => {
    const check = `Alertmanager ${member}`;
    if (failure === undefined) return passed(check, 'it answers, and its silences can be read');
    const cure = 'cure it: silences are only asked of members that answer';
    return { check, status: 'warn', detail: failure.message, cure };
  });
}
