import { checkQuota, type PreflightCheck } from '../../domain/preflight.ts';
import type { Aggregate, ComputeLimits, Flavor } from '../../openstack/client.ts';
import type { StepDeps } from '../deps.ts';
import { classify, isClientError } from '../failures.ts';
import { pinTo } from '../pinTo.ts';
import { attempt, attemptToSee, failed, NAMED_MAX, passed, unknown, warned } from './checks.ts';
import type { Need } from './need.ts';

/** Hypervisors, quotas of Nova, aggregates, and the right to pin. */
export async function checkCompute(
  deps: StepDeps,
  need: Need,
  flavor: Flavor | undefined,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  const { compute } = deps.openstack;
  const [quotas, aggregates, pinning] = await Promise.all([
    attempt('quotas of Nova', async () => checkQuotas(need, flavor, await compute.getLimits(signal))),
    attemptToSee(
      'aggregates',
      'see that no aggregate with selected hypervisors has filter_tenant_id of other projects only',
      async () => checkAggregates(deps, need, signal),
    ),
    checkPinning(deps, need, signal),
  ]);
  return [checkSelected(deps, need), ...quotas, ...aggregates, pinning];
}

function checkSelected({ region }: StepDeps, { selected, hypervisors }: Need): PreflightCheck {
  if (selected.length > 0) return passed('hypervisors', `${selected.length} of ${hypervisors} are selected`);
  return failed('hypervisors', `none of ${hypervisors} is selected`, `correct regions.${region}.select`);
}

function checkQuotas(
  { missing, surge }: Need,
  flavor: Flavor | undefined,
  limits: ComputeLimits,
): readonly PreflightCheck[] {
  const quota = (check: string, option: string, each: number, { used, max }: ComputeLimits['cores']) =>
    checkQuota({ check, option, used, max, missing: missing * each, surge: surge * each });
  return [
    quota('quota of instances', 'instances', 1, limits.instances),
    ...(flavor === undefined
      ? []
      : [
          quota('quota of cores', 'cores', flavor.vcpus, limits.cores),
          quota('quota of memory', 'ram', flavor.ramMiB, limits.ramMiB),
        ]),
  ];
}

/** @see https://docs.openstack.org/nova/latest/admin/scheduling.html#aggregatemultitenancyisolation */
async function checkAggregates(
  { openstack: { compute }, probe: { pinning } }: StepDeps,
  { selected }: Need,
  signal: AbortSignal,
): Promise<PreflightCheck> {
  const [aggregates, projectId] = await Promise.all([
    compute.listAggregates(signal),
    compute.getProjectId(signal),
  ]);
  const selectedHosts = new Set(selected.map(({ serviceHost }) => serviceHost));
  const isolating = aggregates.filter(
    ({ hosts, metadata }) => hosts.some((host) => selectedHosts.has(host)) && shutsOut(metadata, projectId),
  );
  if (isolating.length === 0)
    return passed('aggregates', "none with selected hypervisors admits other projects than the probes' only");
  const names = isolating
    .map(({ name }) => name)
    .slice(0, NAMED_MAX)
    .join(', ');
  if (pinning === 'forced')
    return passed('aggregates', `${names} admit other projects only; forced pinning asks no filter`);
  return warned(
    'aggregates',
    `${names} admit only the projects in filter_tenant_id, of which ${projectId} of the probes is none: they find no room there`,
    `openstack aggregate set --property filter_tenant_id_probes=${projectId} AGGREGATE, exclude it by select, or set probe.pinning to forced`,
  );
}

/** Whether an aggregate admits some projects, in one key or in several that begin alike, and this one isn't among them. */
function shutsOut(metadata: Aggregate['metadata'], projectId: string): boolean {
  const admitted = Object.entries(metadata)
    .filter(([key]) => key.startsWith('filter_tenant_id'))
    .flatMap(([, value]) => value.split(',').map((id) => id.trim()));
  return admitted.length > 0 && !admitted.includes(projectId);
}

/** @see https://docs.openstack.org/nova/latest/configuration/policy.html */
async function checkPinning(
  { openstack: { compute }, probe: { pinning } }: StepDeps,
  { selected: [hypervisor] }: Need,
  signal: AbortSignal,
): Promise<PreflightCheck> {
  const check = 'right to pin servers';
  const policy =
    pinning === 'forced'
      ? 'os_compute_api:servers:create:forced_host'
      : 'compute:servers:create:requested_destination';
  if (hypervisor === undefined) {
    return unknown(check, 'there is no hypervisor to try it with', 'select some hypervisors first');
  }
  try {
    await compute.tryPinning(pinTo(hypervisor, pinning), signal);
    return passed(check, `${policy} admits the account`);
  } catch (error) {
    if (!isClientError(error)) throw error;
    if (classify(error).kind !== 'forbidden') {
      return unknown(check, error.message, `see that ${policy} admits the account; the first pass tells`);
    }
    return failed(
      check,
      error.message,
      `give the account the admin role in the probes' project, or have ${policy} admit it in Nova's policy`,
    );
  }
}
