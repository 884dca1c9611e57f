import { FetchFailed, type Fetched, type PeersSource } from './peersSource.ts';
import { checkPeers, PeersRefused, type KnownPeers } from './peersDocument.ts';
import type { AgentSettings } from './settings.ts';

/** How a pull can end: with a document in force, without an answer, or with a document that is refused. */
export const PULL_RESULTS = ['ok', 'unavailable', 'refused'] as const;

/** One of {@link PULL_RESULTS}. */
export type PullResult = (typeof PULL_RESULTS)[number];

/** What an agent knows of its pulls. */
export interface PullState {
  /** The last good document; it stays in force whatever comes after it. */
  readonly inForce: KnownPeers | null;
  readonly last: PullResult | null;
  readonly lastError: string | null;
  readonly lastSuccessMs: number | null;
  readonly counts: Readonly<Record<PullResult, number>>;
}

/** The agent of one guest. */
export interface Agent {
  state(): PullState;
  stop(): void;
}

/** Checks a fetched document for the agent with these settings. @throws PeersRefused */
export type PeersCheck = (fetched: Fetched, settings: AgentSettings) => KnownPeers;

/** What an agent needs. */
export interface AgentOptions {
  readonly settings: AgentSettings;
  readonly source: PeersSource;
  /** Checks a document; see {@link checkPeers}. */
  readonly check: PeersCheck;
  readonly now: () => number;
  readonly pullMs: number;
  /** Time until the first pull. */
  readonly phaseMs: number;
  /** Whether the guest runs and has a network; without them it doesn't pull. */
  readonly isConnected: () => boolean;
  /** Takes each document that comes into force, also one that says the same as before. */
  readonly onPeers: (peers: KnownPeers) => void;
}

/** Starts to pull the peers document, one pull at a time. */
export function startAgent(options: AgentOptions): Agent {
  let state: PullState = {
    inForce: null,
    last: null,
    lastError: null,
    lastSuccessMs: null,
    counts: { ok: 0, unavailable: 0, refused: 0 },
  };
  let stopped = false;
  let dueMs = performance.now() + options.phaseMs;
  let timer = setTimeout(pullAndPlan, options.phaseMs);

  function pullAndPlan(): void {
    void pull().finally(() => {
      // By the clock and not after the pull: guests that once waited together would pull together for ever.
      const pastMs = Math.max(0, performance.now() - dueMs);
      dueMs += options.pullMs * (1 + Math.floor(pastMs / options.pullMs));
      if (!stopped) timer = setTimeout(pullAndPlan, dueMs - performance.now());
    });
  }

  async function pull(): Promise<void> {
    if (!options.isConnected()) return;
    try {
      const fetched = await options.source.fetch(options.settings.peersUrl);
      // What arrives after the guest died reaches nobody.
      if (!stopped && options.isConnected()) apply(options.check(fetched, options.settings));
    } catch (error) {
      if (error instanceof FetchFailed) note('unavailable', error.message);
      else if (error instanceof PeersRefused) note('refused', error.message);
      else throw error;
    }
  }

  function apply(peers: KnownPeers): void {
    const { inForce } = state;
    if (inForce !== null && peers.generation < inForce.generation) {
      throw new PeersRefused(
        `generation ${peers.generation} is older than ${inForce.generation}, which is in force`,
      );
    }
    note('ok', null);
    state = { ...state, inForce: peers, lastSuccessMs: options.now() };
    if (peers !== inForce) options.onPeers(peers);
  }

  function note(result: PullResult, lastError: string | null): void {
    const counts = { ...state.counts, [result]: state.counts[result] + 1 };
    state = { ...state, last: result, lastError, counts };
  }

  return {
    state: () => state,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/**
 * Checks each fetched document once for all guests that would come to the same result: the signature of a
 * document with thousands of peers takes milliseconds, and thousands of guests share it.
 */
export function createSharedCheck(): PeersCheck {
  const outcomes = new WeakMap<Fetched, Map<string, KnownPeers | PeersRefused>>();
  return (fetched, settings) => {
    const byReader = outcomes.get(fetched) ?? new Map<string, KnownPeers | PeersRefused>();
    outcomes.set(fetched, byReader);
    const key = settings.peersPublicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const reader = JSON.stringify([settings.installation, settings.region, key]);
    const outcome = byReader.get(reader) ?? attempt(fetched, settings);
    byReader.set(reader, outcome);
    if (outcome instanceof PeersRefused) throw outcome;
    return outcome;
  };
}

function attempt(fetched: Fetched, settings: AgentSettings): KnownPeers | PeersRefused {
  try {
    return checkPeers(fetched.text, settings);
  } catch (error) {
    if (error instanceof PeersRefused) return error;
    throw error;
  }
}
