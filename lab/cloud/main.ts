/** The simulated cloud as a server of its own, for the profile `lab` of docker-compose.yml. */
import { parseArgs } from 'node:util';
import { createLoadModel, startGuests } from '../guests/index.ts';
import { startOpenstackSim } from '../openstack-sim/index.ts';
import { connectGuests } from './connectGuests.ts';

/** Where OpenStack's services listen unless told otherwise. */
const PORTS = { keystone: 5000, nova: 8774, placement: 8778, glance: 9292, neutron: 9696 } as const;

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'lab' },
    hypervisors: { type: 'string', default: '12' },
    network: { type: 'string', default: '10.77.128.0/24' },
  },
});

const sim = await startOpenstackSim({
  hypervisors: Number(values.hypervisors),
  zones: ['zone-a', 'zone-b'],
  networkCidr: values.network,
  ports: PORTS,
  listen: { address: '0.0.0.0', name: values.name },
});
const guests = await startGuests({
  pullMs: 10_000,
  bootMs: 2_000,
  listen: 'wildcard',
  model: createLoadModel({ now: Date.now, seed: 'lab' }),
  log: (line) => console.error(line),
});
connectGuests(sim, guests);
console.error(`a cloud of ${values.hypervisors} hypervisors: ${sim.origins.keystone}/v3`);

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    void guests.stopAll().then(() => sim.stop());
  });
