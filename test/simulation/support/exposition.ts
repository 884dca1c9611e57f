/** A metric family as an exporter serves it. */
export interface ScrapedFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ScrapedSample[];
}

/** One line of it. */
export interface ScrapedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const HISTOGRAM_SUFFIX = /_(bucket|sum|count)$/;

/**
 * Reads Prometheus's text format by family.
 *
 * @throws Error on a line that is neither comment nor sample, or belongs to no family that was announced.
 */
export function parseExposition(text: string): ReadonlyMap<string, ScrapedFamily> {
  const families = new Map<string, { type: string; help: string; samples: ScrapedSample[] }>();
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (kind !== undefined) {
      const family = families.get(name) ?? { type: '', help: '', samples: [] };
      families.set(name, kind === 'HELP' ? { ...family, help: rest } : { ...family, type: rest });
    } else if (line !== '') {
      const sample = parseSample(line);
      const family = families.get(sample.name) ?? families.get(sample.name.replace(HISTOGRAM_SUFFIX, ''));
      if (family === undefined) throw new Error(`no family for ${line}`);
      family.samples.push(sample);
    }
  }
  return families;
}

/** The one sample with these labels, whatever others it has. */
export function valueOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const samples = [...parseExposition(text).values()].flatMap((family) => family.samples);
  const matching = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  const [only] = matching;
  if (only === undefined || matching.length > 1) {
    throw new Error(`${matching.length} samples of ${name} with ${JSON.stringify(labels)}`);
  }
  return only.value;
}

function parseSample(line: string): ScrapedSample {
  const [, name = '', inner = '', value = ''] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === '') throw new Error(`no sample: ${line}`);
  const labels = [...inner.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, key = '', text = '']) => [key, text.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))],
  );
  return {
    name,
    labels: Object.fromEntries(labels) as Record<string, string>,
    value: Number(value.replace('Inf', 'Infinity')),
  };
}
