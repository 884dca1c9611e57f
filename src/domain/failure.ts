/** Every way in which a step can fail; workflows switch over it exhaustively. */
export const FAILURE_KINDS = [
  'unauthenticated',
  'forbidden',
  'notFound',
  'conflict',
  'quotaExceeded',
  'noCapacity',
  'rateLimited',
  'unavailable',
  'timeout',
  'badRequest',
  'malformedResponse',
  'malformedDocument',
  'invalidConfig',
  'unsupported',
  'claimedByAnother',
  'emptyListing',
  'buildFailed',
  'deleteRefused',
] as const;

/** See {@link FAILURE_KINDS}. */
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** A kind as words for people: `no capacity`. */
export function describeKind(kind: FailureKind): string {
  return kind.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** What failed about one hypervisor, while the rest of the region went on. */
export interface HypervisorFailure {
  readonly hypervisor: string;
  readonly probeId: string;
  readonly step: 'create' | 'build' | 'answer' | 'delete' | 'mark' | 'reboot';
  readonly kind: FailureKind;
  readonly message: string;
  /** What the probe printed last, of the first ten that didn't come up; anybody's text. */
  readonly console?: string;
}
