import type { Guests } from '../guests/index.ts';
import type { OpenstackSim } from '../openstack-sim/index.ts';

/** Runs a guest for each server of the cloud, where that server is. */
export function connectGuests(sim: OpenstackSim, guests: Guests): void {
  sim.guests.on('boot', ({ zone, userData, ...guest }) => {
    guests.boot({ ...guest, availabilityZone: zone, userDataBase64: userData });
  });
  sim.guests.on('gone', ({ serverId }) => void guests.stop(serverId));
  sim.guests.on('move', ({ serverId, host, hypervisor, zone }) => {
    guests.move(serverId, { host, hypervisor, availabilityZone: zone });
  });
}
