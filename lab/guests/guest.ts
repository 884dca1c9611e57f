import { startAgent, type Agent, type PeersCheck, type PullResult, type PullState } from './agent.ts';
import { agentFamilies } from './agentMetrics.ts';
import { readUserData, UserDataError } from './cloudConfig.ts';
import type { Exporter } from './doors.ts';
import { renderFamilies } from './exposition.ts';
import { exporterFamilies } from './exporterMetrics.ts';
import type { PeersChoice } from './mesh.ts';
import type { LoadModel } from './model.ts';
import { nodeFamilies } from './nodeMetrics.ts';
import { createOdometer } from './odometer.ts';
import type { PeersSource } from './peersSource.ts';
import { createPings, peerTarget, publicTarget } from './pings.ts';
import { readSettings, type AgentSettings } from './settings.ts';

/** A server of the simulated cloud, as far as its guest depends on it. */
export interface GuestServer {
  readonly serverId: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly hypervisor: string;
  readonly host: string;
  readonly availabilityZone: string | null;
  readonly userDataBase64: string | null;
}

/** Where a server runs. */
export type Place = Pick<GuestServer, 'hypervisor' | 'host' | 'availabilityZone'>;

/** What can be seen of a guest from the outside, for the lab's own eyes. */
export interface GuestState extends Omit<GuestServer, 'userDataBase64'> {
  readonly phase: 'booting' | 'running' | 'broken';
  readonly reachable: boolean;
  /** Why there is no agent, or why the guest serves nothing; `null` when all is well. */
  readonly problem: string | null;
  readonly probeId: string | null;
  /** Generation of the peers document in force; 0 before the first. */
  readonly generation: number;
  /** Addresses that it pings, public targets among them. */
  readonly pings: readonly string[];
  readonly lastPull: PullResult | null;
  readonly lastPullError: string | null;
}

/** What a guest needs of the lab around it. */
export interface GuestDeps {
  readonly model: LoadModel;
  readonly source: PeersSource;
  readonly check: PeersCheck;
  readonly choose: PeersChoice;
  /** Where the lab listens for the exporter that pings, which must be where the user-data wants it. */
  readonly exporterPort: number;
  readonly pullMs: number;
  /** Whether a guest answers pings at this address. */
  readonly answers: (address: string) => boolean;
}

/** One guest, from its boot on. */
export interface Guest {
  readonly server: GuestServer;
  /** The exporters that it has; without good user-data there is no agent, and nothing on its port. */
  readonly exporters: readonly Exporter[];
  readonly isReachable: () => boolean;
  setReachable(reachable: boolean): void;
  move(place: Place): void;
  /** Starts the agent and opens the exporters. */
  run(): void;
  /** Says that it can't be reached for a fault of the lab. */
  fail(problem: string): void;
  render(exporter: Exporter): string;
  state(): GuestState;
  stop(): void;
}

/** A guest that boots now. */
export function createGuest(given: GuestServer, deps: GuestDeps): Guest {
  const { model } = deps;
  let server = given;
  let phase: GuestState['phase'] = 'booting';
  let reachable = true;
  let agent: Agent | undefined;
  const settings = settingsOf(server, deps.exporterPort);
  let problem = settings instanceof UserDataError ? settings.message : null;
  const odometer = createOdometer(model, server.serverId, {
    hypervisor: server.hypervisor,
    bootMs: model.now(),
  });
  const pings = createPings(model, { source: server, answers: deps.answers });

  function run(): void {
    phase = 'running';
    if (settings instanceof UserDataError) return;
    const world = settings.publicTargets.map(publicTarget);
    pings.retarget(world, model.now());
    agent = startAgent({
      settings,
      source: deps.source,
      check: deps.check,
      now: model.now,
      pullMs: deps.pullMs,
      phaseMs: deps.pullMs * model.chance('pull', server.serverId),
      isConnected: () => reachable,
      onPeers: (peers) =>
        pings.retarget([...deps.choose(peers, settings).map(peerTarget), ...world], model.now()),
    });
  }

  function render(exporter: Exporter): string {
    const nowMs = model.now();
    if (exporter === 'node') return renderFamilies(nodeFamilies(odometer, server.name, nowMs));
    if (agent === undefined || settings instanceof UserDataError) return '';
    const { version, storageClass } = settings;
    const pulls = agent.state();
    const state = { version, storageClass, generation: pulls.inForce?.generation ?? 0 };
    return renderFamilies([
      ...exporterFamilies(odometer.read(nowMs), pings.read(nowMs), state),
      ...agentFamilies(pulls, version),
    ]);
  }

  return {
    get server() {
      return server;
    },
    exporters: settings instanceof UserDataError ? ['node'] : ['node', 'ping'],
    isReachable: () => phase === 'running' && reachable,
    setReachable: (now) => {
      reachable = now;
    },
    move: (place) => {
      server = { ...server, ...place };
      odometer.move(place.hypervisor, model.now());
      pings.move(server, model.now());
    },
    run,
    fail: (why) => {
      phase = 'broken';
      problem = why;
    },
    render,
    state: () => {
      const pulls: PullState | undefined = agent?.state();
      const { userDataBase64: _userData, ...rest } = server;
      return {
        ...rest,
        phase,
        reachable,
        problem,
        probeId: settings instanceof UserDataError ? null : settings.probeId,
        generation: pulls?.inForce?.generation ?? 0,
        pings: pings.addresses(),
        lastPull: pulls?.last ?? null,
        lastPullError: pulls?.lastError ?? null,
      };
    },
    stop: () => agent?.stop(),
  };
}

function settingsOf(server: GuestServer, listenedPort: number): AgentSettings | UserDataError {
  try {
    const settings = readSettings(readUserData(server.userDataBase64));
    const { exporterPort } = settings;
    if (exporterPort === listenedPort) return settings;
    return new UserDataError(`its exporter_port is ${exporterPort}, and the lab listens on ${listenedPort}`);
  } catch (error) {
    if (error instanceof UserDataError) return error;
    throw error;
  }
}
