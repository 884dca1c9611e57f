/** Recordings that are replayed against no cloud, and why; all others are replayed against each. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'os-service-delete-204': 'takes a hypervisor out of the cloud for good; nothing of ours asks for it',
  'server-diagnostics-host-down': 'takes a minute until Nova gives up; nothing of ours asks for it',
  'server-list-by-deleted':
    'shows that no server was ever deleted, which is so in a fresh cloud only; server-list-deleted-after is replayed',
};

const NO_PLACEMENT =
  'Placement is modelled in its version document and its 401 alone; nothing of ours asks it';

/** Recordings of what the simulated cloud doesn't model and why; asked all the same, it must answer 501. */
export const NOT_SIMULATED: Readonly<Record<string, string>> = {
  'placement-403-plain': NO_PLACEMENT,
  'placement-allocation-candidates': NO_PLACEMENT,
  'placement-allocations-after-delete-host-down': NO_PLACEMENT,
  'placement-inventories': NO_PLACEMENT,
  'placement-resource-providers': NO_PLACEMENT,
  'placement-rp-404': NO_PLACEMENT,
  'placement-rp-allocations': NO_PLACEMENT,
  'placement-traits': NO_PLACEMENT,
  'placement-usages': NO_PLACEMENT,
};
