import type { CloudUnderTest } from './cloudUnderTest.ts';
import { EXEMPT, SIMULATED_OTHERWISE } from './varying.ts';
import { startOpenstackSim } from '../../../../lab/openstack-sim/index.ts';

const HYPERVISORS = 5;
const STEP_MS = 250;
/** As in the lab with the real control plane. */
const SERVICE_DOWN_TIME_MS = 25_000;

/** The simulated cloud, as one that is held to the recordings; its time moves only when it is asked to. */
export async function simulatedCloud(): Promise<CloudUnderTest & { stop(): Promise<void> }> {
  const sim = await startOpenstackSim({
    hypervisors: HYPERVISORS,
    clock: 'manual',
    serviceDownTimeMs: SERVICE_DOWN_TIME_MS,
  });
  const { keystone, nova, placement, glance, neutron } = sim.origins;
  return {
    origins: { identity: keystone, compute: nova, placement, image: glance, network: neutron },
    cloudsYaml: sim.cloudsYaml,
    hosts: Array.from({ length: HYPERVISORS }, (_, index) => `cmp${String(index + 1).padStart(3, '0')}`),
    exempt: { ...EXEMPT, ...SIMULATED_OTHERWISE },
    killCompute: (host) => sim.killCompute(host),
    reviveCompute: (host) => sim.reviveCompute(host),
    setFault: (host, fault) => sim.setFault(host, fault),
    clearFault: (host) => sim.clearFault(host),
    passTime: () => sim.clock.advance(STEP_MS),
    stop: () => sim.stop(),
  };
}
