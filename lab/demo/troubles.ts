import { CALM, type Load } from '../guests/index.ts';
import type { Game, Move } from './play.ts';

interface Trouble {
  readonly load: Partial<Load>;
  readonly says: string;
  /** The label of the alert that tells it: losses near by are losses on the way out as well. */
  readonly signal: string;
}

/** How a hypervisor can be made bad for the guests on it, and what their probe sees of it. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  noisy: {
    // Twice as much CPU is wanted as there is: every guest runs about half of the time that it wants.
    load: { load: 2 },
    says: 'neighbours want twice the CPU that there is, and each guest gets about half of what it wants',
    signal: 'steal',
  },
  'slow-disk': {
    load: { diskLatencyMs: 60 },
    says: 'each read and write takes about 60 ms instead of 0.8',
    signal: 'disk',
  },
  lossy: {
    load: { networkLoss: 0.15 },
    says: 'it loses 15 % of all packets, on their way out and on their way in',
    signal: 'mesh',
  },
};

/** The moves that make a hypervisor bad, each of which ends when its alert fires, and the one that makes it good again. */
export const TROUBLE_MOVES: Readonly<Record<string, Move>> = {
  ...Object.fromEntries(
    Object.entries(TROUBLES).map(([word, { load, says, signal }]): [string, Move] => [
      word,
      {
        usage: `${word} HYPERVISOR`,
        what: `${says.split(',', 1)[0] ?? says}; see its alert fire`,
        takesHypervisor: true,
        play: async ({ cloud, alerts, say }, name) => {
          cloud.setLoad(name, load);
          say(`On ${name} ${says}. The rules look at the last minute; waiting for the alert.`);
          await tellFiring({ alerts, say }, cloud.nameOf(name), signal);
        },
      },
    ]),
  ),
  calm: {
    usage: 'calm HYPERVISOR',
    what: 'make it good again, and see its alerts resolved',
    takesHypervisor: true,
    play: async ({ cloud, alerts, say }, name) => {
      const firing = await alerts.listFiring(cloud.nameOf(name));
      cloud.setLoad(name, CALM);
      if (firing.length === 0) return say(`${name} is calm again; no alert about it was firing.`);
      say(`${name} is calm again; waiting until its alerts are resolved.`);
      const { left, seconds } = await alerts.awaitResolved(cloud.nameOf(name));
      say(
        left.length === 0
          ? `After ${seconds} s no alert about ${name} fires any more.`
          : `After ${seconds} s these still fire: ${left.map(({ name: alert }) => alert).join(', ')}.`,
      );
    },
  },
};

async function tellFiring(
  { alerts, say }: Pick<Game, 'alerts' | 'say'>,
  hypervisor: string,
  signal: string,
): Promise<void> {
  const { fired, seconds } = await alerts.awaitFiring(hypervisor, signal);
  if (fired === undefined)
    return say(
      `After ${seconds} s no such alert about it fires; \`where\` shows where Prometheus tells why.`,
    );
  const labels = Object.entries(fired.labels).map(([label, value]) => `${label}="${value}"`);
  say(`After ${seconds} s it fires: ${fired.name}{${labels.join(', ')}}`);
  if (fired.summary !== undefined) say(`  ${fired.summary}`);
}
