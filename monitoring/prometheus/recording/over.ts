import type { RecordingRule } from '../rule.ts';

/** Fewer probes than this are alerted about one by one: two of two are no fault of a zone. */
export const CROWD_MIN = 3;

/** More of a whole than this must be bad before the whole is to blame. */
export const MAJORITY = 0.5;

/** The series that is 1 for a probe which is over the limit of a signal, else 0. */
export function over(signal: string): string {
  return `innervisor:over:${signal}`;
}

/** The share of the probes of a scope that are over the limit. */
export function overShare(signal: string, scope: 'zone' | 'region'): string {
  return `${over(signal)}:${scope}_share`;
}

/** The same share, but only where it means that the whole scope is to blame; else no series. */
export function crowd(signal: string, scope: 'zone' | 'region'): string {
  return `innervisor:crowd:${signal}:${scope}`;
}

/** What is left of an alert about single hypervisors when whole zones and regions are alerted about as such. */
export function unlessCrowd(signal: string, more: readonly string[] = []): string {
  return (
    `unless on (${['region', 'availability_zone', ...more].join(', ')}) ${crowd(signal, 'zone')}\n` +
    `unless on (${['region', ...more].join(', ')}) ${crowd(signal, 'region')}`
  );
}

/** Records how much of each zone and region is over, and where the whole is to blame for it. */
export function crowdRules(signal: string, more: readonly string[] = []): readonly RecordingRule[] {
  const region = ['region', ...more].join(', ');
  const [zones, all] = [overShare(signal, 'zone'), overShare(signal, 'region')];
  const badZones = `count by (${region}) (${zones} >= ${MAJORITY}) == 1`;
  return [
    share(signal, 'zone', `region, availability_zone${more.map((label) => `, ${label}`).join('')}`),
    share(signal, 'region', region),
    {
      record: crowd(signal, 'region'),
      // A large zone alone may be most of a region: that is still that zone's fault.
      expr:
        `${all} > ${MAJORITY}\n` +
        `  unless on (${region}) (${badZones} and count by (${region}) (${zones}) > 1)\n` +
        `or ${all} >= ${MAJORITY}\n` +
        `  and on (${region}) count by (${region}) (${zones}) == 1`,
      meaning: 'The share, where it is most of the region and not of one zone only.',
    },
    {
      record: crowd(signal, 'zone'),
      expr: `${zones} >= ${MAJORITY} unless on (${region}) ${crowd(signal, 'region')}`,
      meaning: 'The share, where it is half of the zone or more and the region as a whole is not to blame.',
    },
  ];
}

/** Where there are no zones to tell apart: the share of the region alone. */
export function regionCrowdRules(signal: string): readonly RecordingRule[] {
  return [
    share(signal, 'region', 'region'),
    {
      record: crowd(signal, 'region'),
      expr: `${overShare(signal, 'region')} > ${MAJORITY}`,
      meaning: 'The share, where it is most of the region.',
    },
  ];
}

function share(signal: string, scope: 'zone' | 'region', labels: string): RecordingRule {
  return {
    record: overShare(signal, scope),
    expr: `avg by (${labels}) (${over(signal)})\nand count by (${labels}) (${over(signal)}) >= ${CROWD_MIN}`,
    meaning: `Share of a ${scope}'s probes that are over the limit; none where there are fewer than ${CROWD_MIN}.`,
  };
}
