import { access, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { findDocumentFlaws } from './documents.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { ConfigError, type ConfigFinding, findingAboutFile } from './error.ts';
import { suggest } from './keys.ts';
import { type Config, configSchema } from './schema.ts';
import { parseSource, type Source } from './source.ts';

/**
 * The configuration in `text`; `file` is only what findings call it.
 * @throws ConfigError with everything that is wrong.
 */
export function parseConfig(text: string, file: string): Config {
  return parseLocated(text, file).config;
}

/** As {@link parseConfig}, with a way to say where a key stands. */
export function parseLocated(
  text: string,
  file: string,
): { readonly config: Config; readonly finding: Source['finding'] } {
  const { value, finding } = parseSource(text, file);
  // An empty file is a mapping without keys, so that what is missing is named.
  const parsed = configSchema.safeParse(value ?? {});
  const findings = parsed.success
    ? findDocumentFlaws(parsed.data, finding)
    : parsed.error.issues.flatMap((issue) => renderFindings(issue, finding));
  if (!parsed.success || findings.length > 0) throw new ConfigError(findings);
  return { config: parsed.data, finding };
}

/**
 * Reads and parses the file at `path`.
 * @throws ConfigError with everything that is wrong.
 */
export async function loadConfig(path: string): Promise<Config> {
  return parseConfig(await readConfigText(path), path);
}

/** @throws ConfigError if the file can't be read. */
export async function readConfigText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    const message = code === 'ENOENT' ? 'there is no such file' : `can't be read (${code})`;
    throw new ConfigError([findingAboutFile(path, message)]);
  }
}

/**
 * Which configuration file to use: `flag` (`--config`), `$INNERVISOR_CONFIG`, `./innervisor.yaml`,
 * `/etc/innervisor/innervisor.yaml`. One that was asked for is returned whether it exists or not.
 * @throws ConfigError if none was asked for and none exists.
 */
export async function findConfigPath(
  flag?: string,
  environment: Environment = readEnvironment(),
  usual: readonly string[] = ['innervisor.yaml', '/etc/innervisor/innervisor.yaml'],
): Promise<string> {
  const asked = flag ?? environment['INNERVISOR_CONFIG'];
  if (asked !== undefined) return asked;
  for (const path of usual) {
    if (await isReadable(path)) return path;
  }
  const message = `not found, nor ${usual.slice(1).join(', ')}; give --config or set INNERVISOR_CONFIG`;
  throw new ConfigError([findingAboutFile(usual[0] ?? 'innervisor.yaml', message)]);
}

async function isReadable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function renderFindings(issue: z.core.$ZodIssue, finding: Source['finding']): readonly ConfigFinding[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code !== 'unrecognized_keys') return [finding(path, issue.message)];
  // `mapping` of fields.ts puts the keys that it knows into the message.
  const known = z.array(z.string()).parse(JSON.parse(issue.message));
  const all = path.length === 0 ? [...known, 'defaults'] : known;
  return issue.keys.map((key) => finding([...path, key], renderUnknownKey(key, all)));
}

function renderUnknownKey(key: string, known: readonly string[]): string {
  const meant = suggest(key, known);
  return meant === undefined
    ? `unknown key; known here: ${known.join(', ')}`
    : `unknown key; did you mean ${meant}?`;
}
