import type { KeyObject } from 'node:crypto';
import type { AlertmanagerClient } from '../alertmanager/client.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { ReplaceOrder } from '../domain/plan.ts';
import type { TargetPolicy } from '../domain/target.ts';
import type { SilenceSpan } from '../domain/silence.ts';
import type { ObjectStore } from '../objectstore/client.ts';
import type { OpenStackClient } from '../openstack/client.ts';
import type { GlobMatch, Policy } from '../planner/policy.ts';
import type { PrometheusQueries } from '../prometheus/firstAnswering.ts';
import type { Publication } from './publication/replicas.ts';

/** As many names as a person wants to read while waiting. */
const NAMED_MAX = 3;

/** What a probe is made of, by the names that the operator gave. */
export interface ProbeSettings {
  readonly image: string;
  readonly flavor: string;
  readonly networks: readonly string[];
  readonly securityGroups: readonly string[];
  readonly keyName: string | null;
  readonly pinning: 'requested' | 'forced';
  readonly publicTargets: readonly string[];
  readonly agentIntervalSeconds: number;
  readonly peersMax: number;
  /** How many probes watch each one where there are more than `peersMax` peers. */
  readonly watchers: number;
  readonly peerNetworks: readonly string[];
  readonly scrapeNetworks: readonly string[];
  readonly storageClass: string;
  readonly dnsName: string;
}

/** How long the steps of a pass may wait for the world. */
export interface WaitSettings {
  readonly buildMs: number;
  readonly deleteMs: number;
  readonly targetsMs: number;
  readonly verifyMs: number;
  /** How often Prometheus is asked while probes are verified. */
  readonly verifyPollMs: number;
  readonly pollMs: number;
}

/** Everything that the steps need of one region; made by the composition root. */
export interface RegionDeps {
  readonly region: string;
  readonly openstack: OpenStackClient;
  /** Answers questions about series: the first replica that can. */
  readonly prometheus: PrometheusQueries;
  readonly alertmanager: AlertmanagerClient;
  readonly peersStore: ObjectStore;
  readonly artifacts: ObjectStore;
  readonly peersKey: string;
  readonly peersUrl: string;
  /** Authorities for that URL, in PEM; `null` for those of the probe's image. */
  readonly peersCa: string | null;
  readonly artifactsPrefix: string;
  readonly artifactsKeepDays: number;
  readonly signingKey: KeyObject;
  readonly publication: Publication;
  readonly targets: TargetPolicy;
  readonly probe: ProbeSettings;
  readonly policy: Policy;
  readonly matchGlobs: GlobMatch;
  readonly silence: SilenceSpan;
  readonly wait: WaitSettings;
  /** How long a plan that the guard holds waits for a person. */
  readonly approvalTimeoutMs: number;
}

/** What the activities are made with. */
export interface ActivityDeps {
  readonly installation: string;
  readonly regions: ReadonlyMap<string, RegionDeps>;
  /** The regions that workers of other task queues serve, each with its task queue. */
  readonly elsewhere: ReadonlyMap<string, string>;
  /** The clock; activities may read it, workflows and the planner may not. */
  readonly now: () => number;
}

/** Which pass a step belongs to. */
export interface PassInput {
  readonly region: string;
  readonly pass: string;
}

/** Some of the new probes of a plan; see `plannedProbes` for what the order selects. */
export interface PlannedInput extends PassInput {
  readonly plan: ArtifactRef;
  readonly order?: ReplaceOrder;
}

/** One region's dependencies with what all regions share, as every step receives them. */
export interface StepDeps extends RegionDeps {
  readonly installation: string;
  readonly now: () => number;
  /** How long ago a moment of the workflow was, by Temporal's clock: a worker's own may be wrong, or jump. */
  readonly passedMs: (sinceMs: number) => number;
  /** Tells whoever follows the pass how far the step has come, and what it waits for; at most 300 characters. */
  readonly tell: (progress: string) => void;
  /** Whether Temporal won't try the step again: what fails about one hypervisor is then reported instead. */
  readonly isLastAttempt: boolean;
  /** Whether no attempt came before this one. An earlier one may not know yet that it was given up. */
  readonly isFirstAttempt: boolean;
  /** Aborted once the step may be another worker's, which is looked at now; the step's own signal heeds it, too. */
  readonly lost: () => AbortSignal;
}

/** How far a step has come, for {@link StepDeps.tell}: `4 of 9 stand; waits for cmp001, cmp002, …`. */
export function describeWait(done: string, waitsFor: readonly string[]): string {
  const named = waitsFor.slice(0, NAMED_MAX).join(', ');
  return `${done}; waits for ${named}${waitsFor.length > NAMED_MAX ? ', …' : ''}`;
}
