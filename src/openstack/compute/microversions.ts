/**
 * What each kind of call needs of Nova; a call that isn't named here is content with 2.1.
 * @see https://docs.openstack.org/nova/latest/reference/api-microversion-history.html
 */

/**
 * 2.53 brings UUIDs. Never more than 2.87: from 2.88 on, every listed host costs Nova a synchronous RPC for its
 * uptime, and a dead host can hang the whole listing for a minute.
 */
export const HYPERVISORS = '2.53';

/** 2.53 brings UUIDs; 2.11 `forced_down`. */
export const SERVICES = '2.53';

/** 2.61 brings extra specs in lists. */
export const FLAVORS = '2.61';

/** 2.74 brings pinning by `host` and `hypervisor_hostname`; 2.52 tags at creation, 2.47 the flavor's name, 2.26 tags. */
export const SERVERS = '2.74';
