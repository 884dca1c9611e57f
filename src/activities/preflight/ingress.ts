import type { PreflightCheck } from '../../domain/preflight.ts';
import type { IngressRule, SecurityGroup } from '../../openstack/client.ts';
import { passed, unknown, warned } from './checks.ts';

/** As Neutron takes them, https://docs.openstack.org/api-ref/network/v2/#create-security-group-rule */
const TCP: ReadonlySet<string | null> = new Set([null, 'any', 'tcp', '6']);
const ICMP: ReadonlySet<string | null> = new Set([null, 'any', 'icmp', '1', 'ipv6-icmp', 'icmpv6', '58']);

const CHECK = 'rules of security groups';

/**
 * Whether probes in all of these groups can be scraped on these TCP ports, by somebody who isn't a probe, and be pinged by each
 * other. Who may is not looked at: from where Prometheus comes isn't known here.
 */
export function checkIngress(groups: readonly SecurityGroup[], ports: readonly number[]): PreflightCheck {
  const own = new Set(groups.map(({ id }) => id));
  const rules = groups.flatMap(({ ingress }) => ingress ?? []);
  const shut = ports.filter((port) => !rules.some((rule) => letsScrape(rule, port, own)));
  const isDeaf = !rules.some(({ protocol }) => ICMP.has(protocol));
  if (shut.length === 0 && !isDeaf) return passed(CHECK, `they let in TCP ${ports.join(' and ')}, and ICMP`);
  const lost = [
    ...(shut.length === 0 ? [] : [`nobody but probes may reach TCP ${shut.join(' and ')}`]),
    ...(isDeaf ? ['probes may not ping each other'] : []),
  ];
  const hidden = groups.find(({ ingress }) => ingress === null);
  if (hidden !== undefined) {
    const detail = `those of ${hidden.name} are hidden from this account; the others don't do: ${lost.join('; ')}`;
    return unknown(
      CHECK,
      detail,
      `let an administrator look: openstack security group rule list ${hidden.name}`,
    );
  }
  const name = groups[0]?.name ?? '';
  const add = `openstack security group rule create ${name} --protocol`;
  const cures = [
    ...shut.map((port) => `${add} tcp --dst-port ${port} --remote-ip PROMETHEUS/32`),
    ...(isDeaf ? [`${add} icmp --remote-group ${name}`] : []),
  ];
  return warned(CHECK, lost.join('; '), cures.join('; '));
}

function letsScrape(
  { protocol, ports, fromGroup }: IngressRule,
  port: number,
  own: ReadonlySet<string>,
): boolean {
  if (!TCP.has(protocol) || (fromGroup !== null && own.has(fromGroup))) return false;
  return ports === null || (ports[0] <= port && port <= ports[1]);
}
