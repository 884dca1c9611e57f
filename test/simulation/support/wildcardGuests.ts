/** Runs in a network of its own: prints who answers at which address when all guests share one listener. */
import { eventually } from '../../support/await.ts';
import { someServers, startTestGuests } from './guests.ts';

const NOBODY = '127.88.0.9';

await using lab = await startTestGuests({ listen: 'wildcard' });
const servers = someServers(3, 'http://127.0.0.1:9/peers.json', '127.88');
for (const server of servers) lab.guests.boot(server);
await eventually(() => lab.guests.states().every(({ phase }) => phase === 'running'), {
  describe: 'all guests have booted',
});
lab.guests.setReachable('server-2', false);

const answers: Record<string, string> = {};
for (const address of [...servers.flatMap(({ addresses }) => addresses), NOBODY]) {
  answers[address] = await nodenameAt(address);
}
console.log(JSON.stringify(answers));

async function nodenameAt(address: string): Promise<string> {
  try {
    const response = await fetch(`http://${address}:${lab.ports.node}/metrics`);
    return /nodename="([^"]+)"/.exec(await response.text())?.[1] ?? 'no name';
  } catch {
    return 'broken';
  }
}
