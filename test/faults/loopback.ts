import { once } from 'node:events';
import { createServer } from 'node:net';

/** Second octets of 127/8 that nothing else of this project takes addresses from. */
const OCTETS = Array.from({ length: 14 }, (_, index) => index + 2);
/** Whoever listens here owns the octet. */
const LOCK_PORT = 9374;
const REGIONS_MAX = 64;

/** A piece of loopback that no other run on this machine has, so that guests of two runs don't meet. */
export interface Loopback extends AsyncDisposable {
  /** The network of the region at this place, of 1,022 addresses. @throws Error for the 65th region. */
  cidrOf(place: number): string;
}

/** Takes a piece that is free. @throws Error when so many runs are under way that none is left. */
export async function claimLoopback(): Promise<Loopback> {
  for (const octet of OCTETS) {
    const lock = createServer();
    try {
      // The last address of the piece: no guest gets it.
      await once(lock.listen(LOCK_PORT, `127.${octet}.255.254`), 'listening');
    } catch {
      continue;
    }
    return {
      cidrOf: (place) => {
        if (place >= REGIONS_MAX) throw new Error(`at most ${REGIONS_MAX} regions live at once`);
        return `127.${octet}.${4 * place}.0/22`;
      },
      [Symbol.asyncDispose]: async () => {
        await once(lock.close(), 'close');
      },
    };
  }
  throw new Error(`${OCTETS.length} runs are under way on this machine; wait for one of them to end`);
}
