import { checkAddresses, checkQuota, type PreflightCheck } from '../../domain/preflight.ts';
import type { Network } from '../../openstack/client.ts';
import type { StepDeps } from '../deps.ts';
import { attempt, attemptToSee, failed, passed, unknown, warned } from './checks.ts';
import { checkIngress } from './ingress.ts';
import type { Need } from './need.ts';

/** What every link of IPv6 carries: https://www.rfc-editor.org/rfc/rfc8200#section-5 */
const MTU_MIN = 1280;

/** Networks with their free addresses, the quota of ports, and security groups. */
export async function checkNetworks(
  deps: StepDeps,
  need: Need | undefined,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  const { probe, openstack } = deps;
  const checks = await Promise.all([
    ...probe.networks.map((name) => attempt(`network ${name}`, () => checkNetwork(deps, name, need, signal))),
    attempt('security groups', () => checkSecurityGroups(deps, signal)),
    ...(need === undefined
      ? []
      : [
          attemptToSee('quota of ports', 'compare it: openstack quota show', async () => {
            const each = Math.max(1, probe.networks.length);
            const { used, max } = await openstack.network.getPortQuota(signal);
            const [missing, surge] = [need.missing * each, need.surge * each];
            return checkQuota({ check: 'quota of ports', option: 'ports', used, max, missing, surge });
          }),
        ]),
  ]);
  return checks.flat();
}

async function checkNetwork(
  { openstack, region }: StepDeps,
  name: string,
  need: Need | undefined,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  const check = `network ${name}`;
  const cure = `correct regions.${region}.probe.networks, or share exactly one network of that name with the project`;
  const found = await openstack.network.listNetworks({ name }, signal);
  const [network] = found;
  if (network === undefined || found.length > 1)
    return [failed(check, `${found.length} networks are called so`, cure)];
  if (network.status !== 'ACTIVE') return [failed(check, `it is ${network.status}`, cure)];
  if (need === undefined) return [checkMtu(network)];
  const addresses = `addresses of ${name}`;
  const compare = `compare it: openstack ip availability show ${name}`;
  const free = await attemptToSee(addresses, compare, async () => {
    const use = await openstack.network.getAddressUse(network.id, signal);
    if (use !== undefined) return checkAddresses({ network: name, ...use, ...need });
    return unknown(addresses, "the use of its IPv4 addresses can't be seen, or it has none", compare);
  });
  return [checkMtu(network), ...free];
}

/** Probes ping each other with packets as large as their interface allows, which has it from the network. */
function checkMtu({ name, mtu }: Network): PreflightCheck {
  const check = `network ${name}`;
  if (mtu === null) return passed(check, 'it is ACTIVE; Neutron says no MTU');
  const detail = `it is ACTIVE; probes ping with packets of its MTU, ${mtu}`;
  if (mtu >= MTU_MIN) return passed(check, detail);
  return warned(
    check,
    `${detail}, which is too small for IPv6`,
    `openstack network set --mtu ${MTU_MIN} ${name}, or more`,
  );
}

async function checkSecurityGroups(
  { openstack, region, probe, targets }: StepDeps,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  if (probe.securityGroups.length === 0) return [];
  const found = await Promise.all(
    probe.securityGroups.map(async (name) => ({
      name,
      groups: await openstack.network.listSecurityGroups({ name }, signal),
    })),
  );
  const checks = found.map(({ name, groups }) => {
    const check = `security group ${name}`;
    if (groups.length === 1) return passed(check, 'there is one');
    const cure = `correct regions.${region}.probe.securityGroups, or make the group`;
    return failed(check, `${groups.length} groups are called so`, cure);
  });
  if (checks.some(({ status }) => status === 'fail')) return checks;
  const ports = [...new Set(Object.values(targets.ports))].toSorted((a, b) => a - b);
  return [
    ...checks,
    checkIngress(
      found.flatMap(({ groups }) => groups),
      ports,
    ),
  ];
}
