/** Environment variables, as they were when read; an empty one counts as absent, as in OpenStack's own tools. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The one place that reads the process's environment; all else is given what it returns. */
export function readEnvironment(): Environment {
  return Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
}
