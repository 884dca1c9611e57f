import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Where the stack's files lie. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** What the tests look at in a service. */
export interface Service {
  readonly image?: string;
  readonly build?: Readonly<Record<string, string>>;
  readonly pull_policy?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly profiles?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly secrets?: readonly string[];
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

/** `docker-compose.yml` with its anchors resolved; `${…}` stays as written. */
export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly networks: Readonly<
    Record<string, { readonly ipam: { readonly config: readonly Readonly<Record<string, string>>[] } }>
  >;
}

/** Its text and what it says. */
export async function readCompose(): Promise<{ readonly text: string; readonly compose: Compose }> {
  const text = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8');
  return { text, compose: parse(text, { merge: true }) as Compose };
}

/** A file as `.env` is read: names and what stands after `=`. */
export async function readEnvExample(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(ROOT, '.env.example'), 'utf8');
  const lines = text.split('\n').filter((line) => /^[A-Z0-9_]+=/.test(line));
  return new Map(lines.map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]));
}

/** Puts values for the variables of a text, as Compose does. */
export function interpolate(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(
    /\$\{([A-Z0-9_]+)(?::([-?])([^}]*))?\}/g,
    (_all, name: string, kind: string, rest: string) => {
      const value = values.get(name) ?? '';
      return value === '' && kind === '-' ? rest : value;
    },
  );
}
