import { parseArgs } from 'node:util';

/** How the build was started. */
export interface ImageOptions {
  /** A folder that gets a copy of what was built. */
  readonly to: string | undefined;
  readonly output: 'text' | 'json';
  readonly locked: boolean;
  readonly update: boolean;
  readonly help: boolean;
}

/** Says that the build was started in a way that it doesn't know. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What `--help` prints. */
export const HELP = `Builds the image of the probes: a small Debian 12 for Nova. As root, on Debian 12, amd64; about three minutes.

Usage: npm run guest:image [-- options]

  --to DIR         copy the image, its SBOM and its list of packages there too
  --locked         fail where Debian's packages aren't those of guest/image/packages.lock
  --update         build anew from what Debian has now, and write guest/image/packages.lock
  --output FORM    text or json (one document on stdout)
  -h, --help       this text

The result is kept in the cache ($INNERVISOR_CACHE, else ~/.cache/innervisor) under the hash of guest/image, so
the same recipe is built once. Without --locked and --update what Debian has now is taken, and differences
from the lock are printed.

Examples:
  npm run guest:image -- --to /srv/images
  npm run -s guest:image -- --output json | jq -r .image
  npm run guest:image -- --update        # after a security update of Debian; then commit the lock

Exit codes: 0 done, 1 failed or --locked and not as locked, 2 wrong usage`;

/**
 * Reads the arguments.
 *
 * @throws UsageError naming what is wrong.
 */
export function parseOptions(args: readonly string[]): ImageOptions {
  const { to, output, locked, update, help } = parse(args);
  if (output !== 'text' && output !== 'json')
    throw new UsageError(`--output takes text or json, not ${output}`);
  if (to === '') throw new UsageError('--to takes a folder, not nothing');
  if (locked && update)
    throw new UsageError('--update writes the lock that --locked holds to: give one of them');
  return { to, output, locked, update, help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        to: { type: 'string' },
        output: { type: 'string', default: 'text' },
        locked: { type: 'boolean', default: false },
        update: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
