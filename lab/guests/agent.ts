import { checkPeers, type KnownPeers } from './peersDocument.ts';
import type { Fetched, PeersSource } from './peersSource.ts';
import { PullRefused, type PullFailure } from './pullRefused.ts';
import type { AgentSettings } from './settings.ts';

/** How a pull can end: with the document of before, a new one, or none that may be used. */
export type PullResult = 'updated' | 'unchanged' | PullFailure;

/** What an agent knows of its pulls. */
export interface PullState {
  /** The last good document; it stays in force whatever comes after it. */
  readonly inForce: KnownPeers | null;
  readonly last: PullResult | null;
  readonly lastError: string | null;
  readonly lastRunMs: number | null;
  /** When the document in force was last seen to be the published one. */
  readonly confirmedMs: number | null;
  /** When the document in force came into it. */
  readonly changedMs: number | null;
}

/** The agent of one guest. */
export interface Agent {
  state(): PullState;
  stop(): void;
}

/** Checks a fetched document for the agent with these settings. @throws PullRefused */
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
  /** Takes each document that comes into force. */
  readonly onPeers: (peers: KnownPeers) => void;
}

/** Starts to pull the peers document, one pull at a time. */
export function startAgent(options: AgentOptions): Agent {
  let state: PullState = {
    inForce: null,
    last: null,
    lastError: null,
    lastRunMs: null,
    confirmedMs: null,
    changedMs: null,
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
      if (!(error instanceof PullRefused)) throw error;
      state = { ...state, last: error.result, lastError: error.message, lastRunMs: options.now() };
    }
  }

  function apply(peers: KnownPeers): void {
    const { inForce } = state;
    if (inForce !== null && peers.generation < inForce.generation) {
      const known = `${inForce.generation}, which is in force`;
      throw new PullRefused('older', `generation ${peers.generation} is older than ${known}`);
    }
    const nowMs = options.now();
    state = { ...state, last: 'unchanged', lastError: null, lastRunMs: nowMs, confirmedMs: nowMs };
    if (peers.sha256 === inForce?.sha256) return;
    state = { ...state, inForce: peers, last: 'updated', changedMs: nowMs };
    options.onPeers(peers);
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
  const outcomes = new WeakMap<Fetched, Map<string, KnownPeers | PullRefused>>();
  return (fetched, settings) => {
    const byReader = outcomes.get(fetched) ?? new Map<string, KnownPeers | PullRefused>();
    outcomes.set(fetched, byReader);
    const { installation, region, peerNetworks, peersPublicKey } = settings;
    const key = peersPublicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const reader = JSON.stringify([installation, region, peerNetworks, key]);
    const outcome = byReader.get(reader) ?? attempt(fetched, settings);
    byReader.set(reader, outcome);
    if (outcome instanceof PullRefused) throw outcome;
    return outcome;
  };
}

function attempt(fetched: Fetched, settings: AgentSettings): KnownPeers | PullRefused {
  try {
    return checkPeers(fetched.text, settings);
  } catch (error) {
    if (error instanceof PullRefused) return error;
    throw error;
  }
}
