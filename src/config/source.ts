import { type Document, LineCounter, parseDocument } from 'yaml';
import { ConfigError, findingAboutFile, type ConfigFinding } from './error.ts';
import { type KeyPath, renderKeyPath } from './keys.ts';
import { locate, positionAt } from './position.ts';
import { findTreeFlaw, isMapping, type Mapping, mergeDeep } from './tree.ts';
import { ALIAS_FLAW, describeYamlError } from './yamlError.ts';

const TEXT_LENGTH_MAX = 1_048_576;

/** `innervisor.yaml` as read: its values with `defaults` merged into the regions, and where each stands. */
export interface Source {
  readonly value: unknown;
  /** A finding about the key at `path`, which stands in the region, in `defaults` or is missing. */
  readonly finding: (path: KeyPath, message: string) => ConfigFinding;
}

/** @throws ConfigError if `text` isn't YAML. */
export function parseSource(text: string, file: string): Source {
  if (text.length > TEXT_LENGTH_MAX) {
    throw new ConfigError([findingAboutFile(file, `longer than ${TEXT_LENGTH_MAX} characters`)]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map(({ pos, code }) => ({
        file,
        ...positionAt(lines, pos[0]),
        key: '',
        message: describeYamlError(code),
      })),
    );
  }
  const finding = (path: KeyPath, message: string): ConfigFinding => ({
    file,
    message,
    ...placeOf(document, lines, path),
  });
  const value = readValues(document, file);
  const flaw = findTreeFlaw(value);
  if (flaw !== undefined) throw new ConfigError([findingAboutFile(file, flaw)]);
  return { value: mergeDefaults(value, finding), finding };
}

function readValues(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new ConfigError([findingAboutFile(file, ALIAS_FLAW)]);
  }
}

function mergeDefaults(value: unknown, finding: Source['finding']): unknown {
  if (!isMapping(value)) return value;
  const { defaults, ...rest } = value;
  if (defaults === undefined || defaults === null) return rest;
  if (!isMapping(defaults)) throw new ConfigError([finding(['defaults'], 'must be a mapping')]);
  if (!isMapping(rest['regions'])) return rest;
  return { ...rest, regions: mergeRegions(defaults, rest['regions']) };
}

function mergeRegions(defaults: Mapping, regions: Mapping): Mapping {
  // A region that only takes the defaults is written as a bare `name:`, which YAML reads as null.
  return Object.fromEntries(
    Object.entries(regions).map(([name, region]) => [name, mergeDeep(defaults, region ?? {})]),
  );
}

function placeOf(
  document: Document,
  lines: LineCounter,
  path: KeyPath,
): Pick<ConfigFinding, 'line' | 'column' | 'key'> {
  const own = locate(document, lines, path);
  const shared = path[0] === 'regions' && path.length > 2 ? ['defaults', ...path.slice(2)] : null;
  if (own.depth < path.length && shared !== null) {
    const { depth, line, column } = locate(document, lines, shared);
    if (depth === shared.length) return { line, column, key: renderKeyPath(shared) };
  }
  return { line: own.line, column: own.column, key: renderKeyPath(path) };
}
