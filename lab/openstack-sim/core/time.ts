/** `2026-11-23T23:19:30Z`, as most answers write it. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** `2026-11-23T23:19:30.000000`, as Nova writes what it takes from its database. */
export function isoDatabase(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}.000000`;
}

/** `2026-11-23T23:19:30.123000`, as Nova writes what it hasn't read back from its database. */
export function isoMicros(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000`;
}
