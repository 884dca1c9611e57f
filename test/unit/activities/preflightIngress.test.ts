import { expect, test } from 'vitest';
import { checkIngress } from '../../../src/activities/preflight/ingress.ts';
import { securityGroupSchema } from '../../../src/openstack/network/network.ts';

const OPEN = { direction: 'ingress', protocol: null };
const OUTWARD = { direction: 'egress', protocol: null };

/** A group as Neutron shows it. */
function aGroup(name: string, rules?: readonly object[]) {
  const shown = rules === undefined ? {} : { security_group_rules: rules };
  return securityGroupSchema.parse({ id: name, name, project_id: 'p', ...shown });
}

test.each([
  ['that let all in do', [aGroup('open', [OPEN])], 'pass'],
  ['that let nothing in do not', [aGroup('outward', [OUTWARD])], 'warn'],
  ['that are hidden are unknown', [aGroup('outward', [OUTWARD]), aGroup('hidden')], 'unknown'],
  ['that are hidden do beside one that lets all in', [aGroup('hidden'), aGroup('open', [OPEN])], 'pass'],
] as const)('rules of security groups %s', (_, groups, status) => {
  expect(checkIngress(groups, [9100])).toMatchObject({ status });
});

test('who has the rules hidden is told which group to have looked at, and what the others lack', () => {
  const { detail, cure } = checkIngress([aGroup('outward', [OUTWARD]), aGroup('hidden')], [9100]);

  expect(detail).toBe(
    "those of hidden are hidden from this account; the others don't do: nobody but probes may reach TCP 9100; probes may not ping each other",
  );
  expect(cure).toContain('openstack security group rule list hidden');
});
