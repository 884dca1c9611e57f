/** A size of servers. */
export interface Flavor {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly ramMiB: number;
  readonly diskGiB: number;
}

/** Those of the real lab, sorted by id; `m1.huge` fits nowhere. */
export const FLAVORS: readonly Flavor[] = [
  { id: '1', name: 'm1.tiny', vcpus: 1, ramMiB: 512, diskGiB: 1 },
  { id: '2', name: 'm1.small', vcpus: 1, ramMiB: 2_048, diskGiB: 20 },
  { id: '9', name: 'm1.huge', vcpus: 128, ramMiB: 1_048_576, diskGiB: 20 },
  { id: 'probe', name: 'probe', vcpus: 1, ramMiB: 256, diskGiB: 1 },
];
