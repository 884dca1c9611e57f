import type { Activities } from '../activities/index.ts';
import { describeTime, type Order } from '../domain/orders.ts';

/** The server refuses summaries of more than 400 bytes, and a refused command stops the whole pass. */
const SUMMARY_LENGTH_MAX = 300;

/** What a caller knows of a step besides its input. */
export interface Known {
  /** The new probes of the plan that the slices are cut from. */
  readonly creating?: {
    readonly total: number;
    /** Where they go, in the plan's order, as far as is known. */
    readonly hypervisors: readonly string[];
  };
  /** How many probes go. */
  readonly leaving?: number;
}

type Summaries = {
  readonly [Name in keyof Activities]: (input: Parameters<Activities[Name]>[0], known: Known) => string;
};

const SUMMARIES: Summaries = {
  listInventory: ({ region }) => `list hypervisors and probes of ${region}`,
  selectHypervisors: () => 'select the hypervisors that carry a probe',
  planChanges: () => 'compare what is with what should be, and ask the guard',
  planFallback: ({ withoutRoom }) => `plan anew for ${probes(withoutRoom.length)} that found no room`,
  markProbes: () => 'mark probes that may have to go',
  rebootProbes: () => "reboot probes that don't answer",
  openSilences: ({ proof }) =>
    proof === null
      ? 'silence the alerts of probes that will be removed'
      : 'silence the alerts of probes whose successors answer',
  prepareCreation: () => 'look up image, flavor and network',
  createProbes: ({ from, to }, { creating }) => describeSlice(from, to, creating),
  awaitProbes: (_input, { creating }) =>
    `wait until ${creating === undefined ? 'the new probes' : probes(creating.total)} stand`,
  rememberCreations: () => 'remember for the next passes which creations failed',
  removeHalfMade: () => 'remove what was made by half',
  buildTargets: () => 'build the targets for Prometheus',
  buildPeers: () => 'build the list of peers',
  uploadPeers: () => 'upload the list of peers to S3',
  publishTargets: () => 'publish the targets until Prometheus has them',
  proveReplacements: () => 'wait until the successors of replaced probes answer',
  deleteProbes: (_input, { leaving }) =>
    `delete ${leaving === undefined ? 'probes' : probes(leaving)} that nothing watches any more`,
  verifyProbes: () => 'verify every probe by what Prometheus knows',
  checkRegion: () => 'compare what is published with what exists, and ask Prometheus about every probe',
  lookAtHypervisor: ({ hypervisor }) => `look at ${hypervisor} and its probe`,
  placeOrder: ({ order, region }) =>
    order === null ? `tell what is ordered in ${region}` : `write down: ${describeOrder(order)}`,
  preflight: () => 'look whether the region is ready for a first pass',
  planDestruction: ({ region }) => `look for everything of ${region}, and plan to remove it`,
  removeDocuments: () => 'remove the empty targets, the memory and, last, the list of peers',
  expireSilences: () => 'end silences that nothing needs any more',
  writeReport: ({ report }) => `keep the report: ${report.outcome}`,
};

function describeOrder(order: Order): string {
  switch (order.kind) {
    case 'freeze':
      return `frozen by ${order.by}`;
    case 'unfreeze':
      return 'no longer frozen';
    case 'beginMaintenance':
      return `${order.hypervisor} is in maintenance until ${describeTime(order.until)}`;
    case 'endMaintenance':
      return `${order.hypervisor} is no longer in maintenance`;
  }
}

/** The names of all steps. */
export const STEPS = Object.keys(SUMMARIES) as (keyof Activities)[];

/** What the timeline shows of one call of a step: one line of plain text. */
export function summarize<Name extends keyof Activities>(
  name: Name,
  input: Parameters<Activities[Name]>[0],
  known: Known,
): string {
  // Names of hypervisors come from the cloud and may hold anything; one byte each is all that they get.
  const text = SUMMARIES[name](input, known).replaceAll(/[^\x20-\x7e]/g, '?');
  return text.length <= SUMMARY_LENGTH_MAX ? text : `${text.slice(0, SUMMARY_LENGTH_MAX - 3)}...`;
}

function describeSlice(from: number, to: number, creating: Known['creating']): string {
  const numbers = to - from === 1 ? `probe ${to}` : `probes ${from + 1}-${to}`;
  if (creating === undefined) return `create ${numbers}`;
  const names = creating.hypervisors.slice(from, to);
  const of = `create ${numbers} of ${creating.total}`;
  if (names.length < to - from) return of;
  return names.length === 1 ? `${of}: ${names[0]}` : `${of}: ${names[0]} to ${names.at(-1)}`;
}

function probes(count: number): string {
  return count === 1 ? '1 probe' : `${count} probes`;
}
