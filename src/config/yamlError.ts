import type { YAMLError } from 'yaml';

/** Our words for the mistakes that people make; the parser's own often quote the file, and so a secret in it. */
const MESSAGES: Partial<Readonly<Record<YAMLError['code'], string>>> = {
  BAD_DQ_ESCAPE: 'a \\ that YAML does not know in "…"; write \\\\ or use \'…\'',
  BAD_INDENT: 'wrong indentation; keys of one mapping stand below each other',
  BAD_SCALAR_START: 'a text cannot begin with this character; put it in quotes',
  DUPLICATE_KEY: 'Map keys must be unique',
  MISSING_CHAR: 'a closing quote, bracket or a space is missing here',
  MULTIPLE_DOCS: 'a second document; the file must hold one, without ---',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAB_AS_INDENT: 'a tab; indent with spaces',
  UNEXPECTED_TOKEN: 'unexpected here; put texts with special characters in quotes',
};

/** What is wrong with the YAML, without repeating any of it. */
export function describeYamlError(code: YAMLError['code']): string {
  return MESSAGES[code] ?? `not valid YAML (${code})`;
}

/** Why a document can't be read although each of its lines is YAML; the parser's own message quotes the alias. */
export const ALIAS_FLAW =
  'an alias (*name) without its anchor before it, or too many of them; put a text that begins with * in quotes';
