import { runCommand } from '../../lab/tools/command.ts';

const RELEASE = 'bookworm';
const FIELDS = ['REPO_URI', 'RELEASE', 'COMPONENT', 'ORIGIN'];
/** What a machine is told about the way to its mirror, and what of it the build has to know. */
const WAYS = /^Acquire::(https?::(.+::)?Proxy(::.+)?|Retries|Check-(Valid-Until|Date))$/i;

/**
 * Lists the sources of Debian 12 that this machine's apt has, as lines of a sources.list; none where it has
 * none, and then mmdebstrap takes Debian's own.
 */
export async function listMachineSources(): Promise<readonly string[]> {
  const format = FIELDS.map((field) => `$(${field})`).join('\t');
  const targets = await runCommand('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  return parseSources(targets);
}

/** Reads `apt-get indextargets`; others than Debian's and other releases are left out. */
export function parseSources(targets: string): readonly string[] {
  const lines = targets
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([, release, component, origin]) => {
      const isOurs = release === RELEASE || release?.startsWith(`${RELEASE}-`);
      return isOurs && component === 'main' && origin === 'Debian';
    })
    .map(([uri, release, component]) => `deb ${uri} ${release} ${component}`);
  // Updates alone, without the release itself, can't be built from.
  return lines.some((line) => line.includes(` ${RELEASE} `)) ? [...new Set(lines)] : [];
}

/** Lists how this machine's apt reaches its mirror (proxies, checks of dates), as options for another apt. */
export async function listMachineAptOptions(): Promise<readonly string[]> {
  return parseAptOptions(await runCommand('apt-config', ['dump']));
}

/** Reads `apt-config dump`. */
export function parseAptOptions(dump: string): readonly string[] {
  return dump.split('\n').filter((line) => {
    const [, name = '', value = ''] = /^(\S+) "(.*)";$/.exec(line) ?? [];
    return WAYS.test(name) && value !== '';
  });
}
