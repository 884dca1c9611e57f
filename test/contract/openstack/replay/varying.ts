/** Fields whose value may differ from the recorded one (the type may not), and why. */
export const VARYING: Readonly<Record<string, string>> = {
  adminPass: 'drawn for each server',
  audit_ids: 'drawn for each token',
  details: 'a traceback, with the line numbers of an installation',
  host_ip: 'the address of the machine',
  'provider:segmentation_id': 'drawn for each network',
  'aggregate.id': 'counted up',
  'aggregates.id': 'counted up',
  'migrations.id': 'counted up',
  current_workload: 'counts what is being done on the hypervisor',
  generation: 'counts changes of the hypervisor',
  revision_number: 'counts changes of the resource',
  resource_provider_generation: 'counts changes of the hypervisor',
  'usages.VCPU': 'counts servers on the hypervisor',
  'usages.MEMORY_MB': 'counts servers on the hypervisor',
  'usages.DISK_GB': 'counts servers on the hypervisor',
  totalRAMUsed: 'counts servers of the project',
  totalCoresUsed: 'counts servers of the project',
  totalInstancesUsed: 'counts servers of the project',
};

const CHANGED_LATER = 'Nova writes to servers that were deleted before, which brings them into the list';

const ANY_PORT = 'a page of one holds the port with the lowest id, which may be of any server or zone';

const ANY_HOST = 'the newest server is where the scheduler put it, which may be in any zone';

/** Parts of recorded answers, by recording and path, and why they aren't compared. */
export type Exemptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What isn't compared with any cloud. */
export const EXEMPT: Exemptions = {
  'server-list-by-changes-since': {
    'servers[].OS-SRV-USG:terminated_at': CHANGED_LATER,
    'servers[].OS-EXT-STS:task_state': CHANGED_LATER,
    'servers[].OS-EXT-SRV-ATTR:user_data': CHANGED_LATER,
  },
  'server-list-detail-page1': { 'servers[].OS-EXT-AZ:availability_zone': ANY_HOST },
  'server-list-viewer': { 'servers[].OS-EXT-AZ:availability_zone': ANY_HOST },
  'ports-list-paged': {
    'ports[].name': ANY_PORT,
    'ports[].status': ANY_PORT,
    'ports[].device_owner': ANY_PORT,
    'ports[].binding:host_id': ANY_PORT,
    'ports[].binding:vif_type': ANY_PORT,
    'ports[].binding:vif_details': ANY_PORT,
  },
};

/** What isn't compared with the simulated cloud. */
export const SIMULATED_OTHERWISE: Exemptions = {
  'token-bad-request-400': {
    'error.message': 'Keystone adds its whole JSON schema, the simulated one does not',
  },
  'server-diagnostics-2.48': {
    config_drive: 'the driver of the lab gives the same diagnostics for any server',
  },
  'ports-by-device-after-migration': {
    'ports[].status': 'the network driver of the lab leaves a port DOWN after a migration, others do not',
  },
};
