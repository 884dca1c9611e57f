/** A failure that a person can do something about: printed as one line and a hint, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  /** What to do next. */
  readonly hint: string | undefined;

  constructor(message: string, { hint, cause }: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, { cause });
    this.hint = hint;
  }
}

/** What the command ends with; listed in `--help`. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  changes: 2,
  held: 3,
  degraded: 4,
  alreadyRunning: 5,
  frozen: 6,
  detached: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** From the one that needs a person most to the one that needs nobody. */
const BY_URGENCY = [1, 3, 5, 4, 6, 130, 2, 0] as const satisfies readonly ExitCode[];

/** The exit code of a command over several regions: the one that needs a person most. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  return BY_URGENCY.find((code) => codes.includes(code)) ?? exitCodes.ok;
}
