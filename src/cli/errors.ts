/** A failure that a person can do something about: printed as one line, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
}

/** What the command ends with; listed in `--help`. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  held: 3,
  degraded: 4,
  alreadyRunning: 5,
  detached: 130,
} as const;
