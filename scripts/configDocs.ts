import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { z } from 'zod';
import { describeConfigFile, describeMergedConfig } from '../src/config/jsonSchema.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The committed JSON Schema of `innervisor.yaml`. */
export const SCHEMA_FILE = new URL('../docs/innervisor.schema.json', import.meta.url);
/** The page that explains `innervisor.yaml`. */
export const PAGE_FILE = new URL('../docs/config.md', import.meta.url);

/** The JSON Schema as it is committed and printed by `innervisor config schema`. */
export function renderSchema(): string {
  return `${JSON.stringify(describeConfigFile(), null, 2)}\n`;
}

/**
 * `page` with its tables of keys made anew; all else in it stays.
 * @throws Error if the page has lost the marks of a table.
 */
export async function renderPage(page: string): Promise<string> {
  const regions = describeMergedConfig().properties?.['regions'];
  const region = (regions as JsonSchema).additionalProperties as JsonSchema;
  const filled = fillTable(fillTable(page, 'top', describeConfigFile()), 'region', region);
  return await format(filled, { ...(await resolveConfig(PAGE_FILE)), parser: 'markdown' });
}

function fillTable(page: string, name: string, schema: JsonSchema): string {
  const [begin, end] = [`<!-- keys: ${name} -->`, `<!-- end of keys: ${name} -->`];
  const [before, , after] = page.split(new RegExp(`(${begin}[^]*${end})`));
  if (before === undefined || after === undefined) throw new Error(`docs/config.md has no ${begin} … ${end}`);
  const table = ['| key | default | meaning |', '| --- | --- | --- |', ...listRows(schema, '')].join('\n');
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}

/** One row for each key that takes a value; a section is only the beginning of the names of its keys. */
function listRows(section: JsonSchema, prefix: string, owner?: string): readonly string[] {
  return Object.entries(section.properties ?? {}).flatMap(([key, value]) => {
    const schema = value as JsonSchema;
    const name = `${prefix}${key}`;
    const needed = section.required?.includes(key) === true;
    const nullable = schema.anyOf?.find(
      (one): one is JsonSchema => typeof one === 'object' && one.properties !== undefined,
    );
    if (schema.properties === undefined) {
      const row = `| \`${name}\` | ${needed ? renderNeed(owner) : renderDefault(schema)} | ${renderMeaning(schema)} |`;
      return [row, ...(nullable === undefined ? [] : listRows(nullable, `${name}.`))];
    }
    const optional = schema.required !== undefined && !needed;
    return listRows(schema, `${name}.`, optional ? name : owner);
  });
}

function renderNeed(owner: string | undefined): string {
  return owner === undefined ? 'required' : `required in \`${owner}\``;
}

function renderDefault({ default: value }: JsonSchema): string {
  if (value === undefined) return 'none';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function renderMeaning({ description }: JsonSchema): string {
  return (description ?? '').replaceAll('|', '\\|');
}

if (import.meta.main) {
  await writeFile(SCHEMA_FILE, renderSchema());
  await writeFile(PAGE_FILE, await renderPage(await readFile(PAGE_FILE, 'utf8')));
}
