/** Recordings that are replayed against no cloud, and why; all others are replayed against each. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'os-service-delete-204': 'takes a hypervisor out of the cloud for good; nothing of ours asks for it',
  'server-diagnostics-host-down': 'takes a minute until Nova gives up; nothing of ours asks for it',
  'server-list-by-deleted':
    'shows that no server was ever deleted, which is so in a fresh cloud only; server-list-deleted-after is replayed',
};
