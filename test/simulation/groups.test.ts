import { afterEach, beforeEach, expect, test } from 'vitest';
import { at, aServer, create, startManual } from './support/sim.ts';

const UNKNOWN = '730215a1-d485-43c7-be26-908b9585dde2';

let world: Awaited<ReturnType<typeof startManual>>;
beforeEach(async () => {
  world = await startManual({ hypervisors: 1, securityGroups: { probe: [] } });
});
afterEach(async () => world.sim.stop());

/** Asks for a server with hints for the scheduler. */
async function createWith(hints: object) {
  const { sim, prober } = world;
  return prober('POST', '/servers', { ...(await aServer(sim, prober)), 'os:scheduler_hints': hints });
}

test('a security group is found by name and by id, and its server has it', async () => {
  const { sim, prober } = world;
  const groups = await prober('GET', `${sim.origins.neutron}/v2.0/security-groups?name=probe`);
  const id = at(groups, 'security_groups', 0, 'id') as string;

  const servers = [
    await create(sim, prober, { security_groups: [{ name: 'probe' }] }),
    await create(sim, prober, { security_groups: [{ name: id }] }),
  ];
  sim.clock.advance(3_000);

  for (const server of servers) {
    const ports = await prober('GET', `${sim.origins.neutron}/v2.0/ports?device_id=${server}`);
    expect(at(ports, 'ports', 0, 'security_groups')).toEqual([id]);
  }
});

test('an unknown security group is refused at once, and no server is left', async () => {
  const { sim, prober } = world;
  const body = await aServer(sim, prober, { security_groups: [{ name: 'default' }, { name: 'nope' }] });

  const answer = await prober('POST', '/servers', body);

  expect(answer.status).toBe(400);
  expect(at(answer, 'badRequest', 'message')).toBe("Unable to find security_group with name or id 'nope'");
  expect(at(await prober('GET', '/servers'), 'servers')).toEqual([]);
});

test.each([
  [UNKNOWN, `Instance group ${UNKNOWN} could not be found.`],
  ['sg', "Invalid input for field/attribute group. Value: sg. 'sg' is not a 'uuid'"],
])('the server group %s is refused at once', async (group, message) => {
  const answer = await createWith({ group });

  expect(answer.status).toBe(400);
  expect(at(answer, 'badRequest', 'message')).toBe(message);
});

test('a server in a group that there is, and any other hint, are answered 501', async () => {
  const { prober } = world;
  const made = await prober('POST', '/os-server-groups', {
    server_group: { name: 'sg', policy: 'affinity' },
  });

  const answers = [
    await createWith({ group: at(made, 'server_group', 'id') }),
    await createWith({ same_host: [UNKNOWN] }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([501, 501]);
});
