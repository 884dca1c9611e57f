/** One thing that is wrong in a file of configuration. Neither `message` nor `key` ever holds a secret. */
export interface ConfigFinding {
  readonly file: string;
  /** Counted from 1; 0 where the finding concerns the file as a whole. */
  readonly line: number;
  /** Counted from 1; 0 where the finding concerns the file as a whole. */
  readonly column: number;
  /** Dotted path of the key, empty where the finding concerns the file as a whole. */
  readonly key: string;
  /** What is wrong, and what would be right. */
  readonly message: string;
}

const RENDERED_FINDINGS_MAX = 100;

/** Configuration that was refused, with everything that is wrong in it, sorted by file and line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'invalidConfig';
  readonly findings: readonly ConfigFinding[];

  constructor(findings: readonly ConfigFinding[]) {
    // A flaw in `defaults` is found once for each region.
    const unique = new Map(findings.map((finding) => [renderFinding(finding), finding]));
    const sorted = [...unique.values()].toSorted(compareFindings);
    super(renderFindings(sorted));
    this.findings = sorted;
  }
}

/** Something that the configuration refers to (a cloud, a secret, a key) can't be used; never holds a secret. */
export class ConfigReferenceError extends Error {
  override readonly name = 'ConfigReferenceError';
  readonly code = 'invalidConfig';
}

/** A finding about a file as a whole. */
export function findingAboutFile(file: string, message: string): ConfigFinding {
  return { file, line: 0, column: 0, key: '', message };
}

/** `innervisor.yaml:12:5 regions.luxembourg.probe.flavor: missing; …`, one line per finding. */
export function renderFindings(findings: readonly ConfigFinding[]): string {
  const lines = findings.slice(0, RENDERED_FINDINGS_MAX).map(renderFinding);
  const more = findings.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

function renderFinding({ file, line, column, key, message }: ConfigFinding): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return key === '' ? `${place}: ${message}` : `${place} ${key}: ${message}`;
}

function compareFindings(a: ConfigFinding, b: ConfigFinding): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.key, b.key);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
