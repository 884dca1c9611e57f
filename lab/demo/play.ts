import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import type { Load } from '../guests/index.ts';
import type { AlertWatch } from './alerts.ts';
import { TROUBLE_MOVES } from './troubles.ts';

/** What a player can do to the cloud; each resolves when the cloud shows it. */
export interface Playground {
  /** Names of the hypervisors, as a player types them. */
  hypervisors(): readonly string[];
  add(): Promise<string>;
  /** Disables a hypervisor on which nothing but its probe runs. */
  drain(hypervisor: string): Promise<void>;
  /** Takes a drained hypervisor out of the cloud. */
  remove(hypervisor: string): Promise<void>;
  /** Kills a hypervisor with all that runs on it. */
  break(hypervisor: string): Promise<void>;
  heal(hypervisor: string): Promise<void>;
  /** Changes what a hypervisor does to its guests. */
  setLoad(hypervisor: string, load: Partial<Load>): void;
  /** A hypervisor's name in Nova's list and in labels. */
  nameOf(hypervisor: string): string;
}

/** What the game is played with. */
export interface Game {
  readonly cloud: Playground;
  readonly alerts: AlertWatch;
  /** Runs one pass and shows what it did. */
  readonly pass: (title: string) => Promise<void>;
  /** Shows where everything is. */
  readonly where: () => void;
  readonly say: (text: string) => void;
}

/** What a player can type. */
export interface Move {
  readonly usage: string;
  readonly what: string;
  readonly takesHypervisor: boolean;
  play(game: Game, hypervisor: string): Promise<void>;
}

const MOVES: Readonly<Record<string, Move>> = {
  add: {
    usage: 'add',
    what: 'add a hypervisor to the cloud',
    takesHypervisor: false,
    play: async ({ cloud, pass, say }) => {
      const name = await cloud.add();
      say(
        `${name} is new in Nova's list. The next pass gives it a probe and tells Prometheus and the peers.`,
      );
      await pass(`after add ${name}`);
    },
  },
  remove: {
    usage: 'remove HYPERVISOR',
    what: 'take a hypervisor away: drained, then gone',
    takesHypervisor: true,
    play: async ({ cloud, pass, say }, name) => {
      await cloud.drain(name);
      say(
        `${name} is disabled, and only its probe is left on it. One sighting is not enough: the first pass`,
      );
      say('remembers it in the probe’s metadata, the second silences the probe, unpublishes and deletes it.');
      await pass(`first pass after remove ${name}`);
      await pass(`second pass after remove ${name}`);
      await cloud.remove(name);
      say(`${name} is gone from Nova's list.`);
    },
  },
  break: {
    usage: 'break HYPERVISOR',
    what: 'kill a hypervisor with all that runs on it',
    takesHypervisor: true,
    play: async ({ cloud, pass, say }, name) => {
      say(`${name} is dead; waiting until Nova shows it down.`);
      await cloud.break(name);
      say('An outage is what its alerts are for: probe and targets stay, nothing is made or deleted there.');
      await pass(`after break ${name}`);
    },
  },
  heal: {
    usage: 'heal HYPERVISOR',
    what: 'bring a broken hypervisor back',
    takesHypervisor: true,
    play: async ({ cloud, pass, say }, name) => {
      await cloud.heal(name);
      say(`${name} is up again.`);
      await pass(`after heal ${name}`);
    },
  },
  ...TROUBLE_MOVES,
  pass: {
    usage: 'pass',
    what: 'run a pass now',
    takesHypervisor: false,
    play: ({ pass }) => pass('pass'),
  },
  where: {
    usage: 'where',
    what: 'show the addresses again',
    takesHypervisor: false,
    play: ({ where }) => {
      where();
      return Promise.resolve();
    },
  },
};

/** The moves, for the screen. */
export function renderMoves(): string {
  const width = Math.max(...Object.values(MOVES).map(({ usage }) => usage.length));
  const lines = Object.values(MOVES).map(({ usage, what }) => `  ${usage.padEnd(width)}  ${what}`);
  return [...lines, `  ${'quit'.padEnd(width)}  stop everything (Ctrl-C does too)`].join('\n');
}

/** Reads moves, a line each, until `quit`, the end of the input or the signal. */
export async function play(
  game: Game,
  { input, output, signal }: { input: Readable; output: Writable; signal: AbortSignal },
): Promise<void> {
  const lines = createInterface({ input, output, prompt: '> ' });
  let isOpen = true;
  lines.once('close', () => (isOpen = false));
  // The input may have ended while lines of it are still to be played.
  const ask = (): void => {
    if (isOpen) lines.prompt();
  };
  const stop = (): void => lines.close();
  signal.addEventListener('abort', stop, { once: true });
  // At a prompt the terminal gives Ctrl-C to readline instead of sending a signal.
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    ask();
    for await (const line of lines) {
      if (signal.aborted || line.trim() === 'quit') return;
      await playLine(game, line.trim());
      signal.throwIfAborted();
      ask();
    }
  } finally {
    signal.removeEventListener('abort', stop);
    lines.close();
  }
}

async function playLine(game: Game, line: string): Promise<void> {
  const [word = '', hypervisor = '', ...more] = line.split(/\s+/);
  if (word === '') return;
  const move = Object.hasOwn(MOVES, word) ? MOVES[word] : undefined;
  if (move === undefined || more.length > 0) {
    game.say(`${JSON.stringify(line)} is not known; there are:\n${renderMoves()}`);
  } else if (move.takesHypervisor && !game.cloud.hypervisors().includes(hypervisor)) {
    game.say(`${move.usage}: name one of ${game.cloud.hypervisors().join(', ')}`);
  } else {
    await move.play(game, hypervisor);
  }
}
