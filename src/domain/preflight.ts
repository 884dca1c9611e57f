/** What one look at a region before its first pass found. */
export interface PreflightCheck {
  /** What was looked at, such as `quota of cores`. */
  readonly check: string;
  /**
   * `warn`: a pass would go through, but not as one might expect; `unknown`: it can't be seen with these rights, or
   * only a pass can tell.
   */
  readonly status: 'pass' | 'warn' | 'fail' | 'unknown';
  readonly detail: string;
  /** What to do; of what didn't pass. */
  readonly cure?: string;
}

/** Whether a region is ready for a pass, with one line per check. */
export interface PreflightReport {
  readonly region: string;
  readonly outcome: 'ready' | 'not ready';
  readonly checks: readonly PreflightCheck[];
}

/** What probes need of a project's quota of one kind. */
export interface QuotaNeed {
  readonly check: string;
  /** As `openstack quota set` names it. */
  readonly option: string;
  readonly used: number;
  /** `null` where it is unlimited. */
  readonly max: number | null;
  /** For the probes that are missing. */
  readonly missing: number;
  /** For those that stand beside the ones that they replace, for a while. */
  readonly surge: number;
}

/** Whether a quota has room for the probes that are missing, and for new ones beside old ones. */
export function checkQuota({ check, option, used, max, missing, surge }: QuotaNeed): PreflightCheck {
  const needed = used + missing + surge;
  if (max === null) return { check, status: 'pass', detail: 'unlimited' };
  const detail = `${used} of ${max} used; ${missing} more for probes that are missing, ${surge} while some are replaced`;
  if (needed <= max) return { check, status: 'pass', detail };
  const cure = `openstack quota set --${option} ${needed} PROJECT`;
  if (used + missing > max) return { check, status: 'fail', detail, cure };
  return {
    check,
    status: 'warn',
    detail: `${detail}: old probes have to go before new ones are made`,
    cure,
  };
}

/** What probes need of a network's IPv4 addresses: each takes one. */
export interface AddressNeed extends Pick<QuotaNeed, 'used' | 'missing' | 'surge'> {
  readonly network: string;
  readonly total: number;
}

/** Whether a network has addresses for the probes that are missing, and for new ones beside old ones. */
export function checkAddresses({ network, used, total, missing, surge }: AddressNeed): PreflightCheck {
  const check = `addresses of ${network}`;
  const free = Math.max(0, total - used);
  const detail = `${free} of ${total} are free; ${missing} more for probes that are missing, ${surge} while some are replaced`;
  if (free >= missing + surge) return { check, status: 'pass', detail };
  const cure = `widen an allocation pool of ${network}, add a subnet to it, or free addresses of ports that nobody uses`;
  if (free < missing) return { check, status: 'fail', detail, cure };
  return { check, status: 'warn', detail: `${detail}: old probes have to go before new ones are made`, cure };
}

/** A region is ready unless something fails. */
export function summarisePreflight(region: string, checks: readonly PreflightCheck[]): PreflightReport {
  return { region, outcome: checks.some(({ status }) => status === 'fail') ? 'not ready' : 'ready', checks };
}
