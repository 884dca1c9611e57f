import { RECORDED_ORIGINS, type CloudUnderTest, type Service } from './cloudUnderTest.ts';

/** What differs between two clouds in one and the same text, and what stands for it; the first match wins. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\breq-[0-9a-f-]{36}\b/g, '<request>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\b[0-9a-f]{128}\b/g, '<sha512>'],
  [/\b[0-9a-f]{56}\b/g, '<host id>'],
  [/\b[0-9a-f]{32}\b/g, '<id>'],
  [/\bfa:16:3e(:[0-9a-f]{2}){3}\b/g, '<mac>'],
  [/\b10\.77\.\d{1,3}\.\d{1,3}\b(?!\/)/g, '<address>'],
  [/\binstance-[0-9a-f]{8}\b/g, 'instance-<number>'],
  [/\br-[0-9a-z]{8}\b/g, 'r-<reservation>'],
  [/\bAggregate \d+\b/g, 'Aggregate <number>'],
  [/\bcmp\d{3}\b/g, '<host>'],
];
/** The form of a time stays: with or without microseconds, with or without a Z. */
const TIME = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{6})?/g;

/** Makes texts of a cloud comparable: origins, ids, names of hosts, addresses and times become words. */
export function createNormalText(cloud: Pick<CloudUnderTest, 'origins' | 'hosts'>): (text: string) => string {
  const origins = (Object.keys(RECORDED_ORIGINS) as Service[])
    .flatMap((service) => [
      [cloud.origins[service], `<${service}>`] as const,
      [RECORDED_ORIGINS[service], `<${service}>`] as const,
    ])
    .toSorted(([a], [b]) => b.length - a.length);
  return (text) => {
    let normal = text;
    for (const [origin, word] of origins) normal = normal.replaceAll(origin, word);
    for (const host of cloud.hosts) normal = normal.replaceAll(new RegExp(`\\b${host}\\b`, 'g'), '<host>');
    for (const [form, word] of FORMS) normal = normal.replace(form, word);
    return normal.replace(TIME, (_, micros) => (micros === undefined ? '<time>' : '<time>.<µs>'));
  };
}
