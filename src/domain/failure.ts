/** Every way in which a step can fail; workflows switch over it exhaustively. */
export type FailureKind =
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'quotaExceeded'
  | 'noCapacity'
  | 'rateLimited'
  | 'unavailable'
  | 'timeout'
  | 'badRequest'
  | 'malformedResponse'
  | 'malformedDocument'
  | 'invalidConfig'
  | 'unsupported'
  | 'claimedByAnother'
  | 'emptyListing'
  | 'buildFailed'
  | 'deleteRefused';

/** What failed about one hypervisor, while the rest of the region went on. */
export interface HypervisorFailure {
  readonly hypervisor: string;
  readonly probeId: string;
  readonly step: 'create' | 'build' | 'answer' | 'delete' | 'mark';
  readonly kind: FailureKind;
  readonly message: string;
}
