import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

/** The dashboards by their uids, which alerts and bookmarks name: they never change. */
export const UIDS = {
  region: 'innervisor-region',
  hypervisor: 'innervisor-hypervisor',
  mesh: 'innervisor-mesh',
  orchestrator: 'innervisor-orchestrator',
} as const;

/** See {@link UIDS}. */
export type DashboardName = keyof typeof UIDS;

const TITLES: Readonly<Record<DashboardName, string>> = {
  region: 'Region',
  hypervisor: 'Hypervisor',
  mesh: 'Mesh',
  orchestrator: 'Orchestrator',
};

/**
 * What a dashboard takes over from the others. A selection of several hypervisors isn't handed on: the dashboard of one
 * has no use for it, and back in the region it would hide the others.
 */
const TAKEN: Readonly<Record<DashboardName, readonly string[]>> = {
  region: ['datasource', 'region', 'zone'],
  hypervisor: ['datasource', 'region', 'zone'],
  mesh: ['datasource', 'region', 'zone'],
  orchestrator: ['datasource', 'region'],
};

/** What a dashboard hands on; several regions at once are of no use to the dashboard of one. */
const GIVEN: Readonly<Record<DashboardName, readonly string[]>> = { ...TAKEN, orchestrator: ['datasource'] };

/** Links at the top of a dashboard to each of the others, with its time and its variables. */
export function linksFrom(own: DashboardName): readonly DashboardLinkBuilder[] {
  const names = Object.keys(UIDS) as readonly DashboardName[];
  return names
    .filter((name) => name !== own)
    .map((name) =>
      new DashboardLinkBuilder(TITLES[name])
        .type(DashboardLinkType.Link)
        .icon('dashboard')
        .tooltip(`Innervisor: ${TITLES[name]}`)
        .url(urlOf(name, GIVEN[own].filter((variable) => TAKEN[name].includes(variable)).map(asParameter)))
        .keepTime(true),
    );
}

/**
 * A link from what is shown of one hypervisor to its dashboard.
 *
 * @param name Grafana's expression for the hypervisor's name, such as `${__field.labels.hypervisor}`.
 */
export function linkToHypervisor(name: string): DashboardLinkBuilder {
  const parameters = ['datasource', 'region'].map(asParameter);
  return linkOfCell(
    'All about this hypervisor',
    urlOf('hypervisor', [...parameters, `var-hypervisor=${name}`]),
  );
}

/** A link from what is shown of one region to its dashboard. */
export function linkToRegion(name: string): DashboardLinkBuilder {
  return linkOfCell('This region', urlOf('region', [asParameter('datasource'), `var-region=${name}`]));
}

function linkOfCell(title: string, url: string): DashboardLinkBuilder {
  // Links of data, unlike those of dashboards, keep the time only by its variable.
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(`${url}&\${__url_time_range}`);
}

function urlOf(name: DashboardName, parameters: readonly string[]): string {
  return `/d/${UIDS[name]}?${parameters.join('&')}`;
}

/** `var-region=luxembourg`, and the same once for each value of a variable that has several. */
function asParameter(variable: string): string {
  return `\${${variable}:queryparam}`;
}
