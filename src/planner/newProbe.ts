import type { Hypervisor } from '../domain/hypervisor.ts';
import { computeProbeId, computeProbeName } from '../domain/identity.ts';
import type { NewProbe, Probe } from '../domain/probe.ts';
import type { PlanInput } from './input.ts';

/** The next probe of a hypervisor, of a generation of its own: a repeated attempt computes the same one. */
export function newProbe(hypervisor: Hypervisor, { inventory, sha256 }: PlanInput): NewProbe {
  const generations = inventory.probes
    .filter((probe) => probe.hypervisor === hypervisor.hostname)
    .map((probe) => probe.generation);
  const generation = Math.max(0, ...generations) + 1;
  const { installation, region } = inventory;
  const probeId = computeProbeId(
    { installation, region, hypervisor: hypervisor.hostname, generation },
    sha256,
  );
  return {
    probeId,
    name: computeProbeName(hypervisor.hostname, probeId),
    generation,
    revision: inventory.revision,
    hypervisor: hypervisor.hostname,
    serviceHost: hypervisor.serviceHost,
    availabilityZone: hypervisor.availabilityZone,
  };
}

/** A probe that an earlier pass made, as this one would make it: creating it finds that it is there. */
export function madeProbe(hypervisor: Hypervisor, { probeId, name, generation, revision }: Probe): NewProbe {
  const { hostname, serviceHost, availabilityZone } = hypervisor;
  return { probeId, name, generation, revision, hypervisor: hostname, serviceHost, availabilityZone };
}
