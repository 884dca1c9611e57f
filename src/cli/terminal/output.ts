import { Document, isScalar, visit } from 'yaml';
import { escapeQuoted } from '../../domain/unprintable.ts';
import type { OutputForm } from '../options.ts';
import { paintFor, type Paint } from './paint.ts';

/** Prints a result on stdout; the text for people is only made where it is asked for. */
export function printResult(form: OutputForm, value: unknown, text: (paint: Paint) => string): void {
  process.stdout.write(`${renderResult(form, value, text)}\n`);
}

function renderResult(form: OutputForm, value: unknown, text: (paint: Paint) => string): string {
  switch (form) {
    case 'text':
      return text(paintFor(process.stdout));
    case 'json':
      return escapeQuoted(JSON.stringify(value, null, 2));
    case 'yaml':
      return renderYaml(value);
  }
}

/** YAML whose texts are quoted where they hold what only an escape can show harmlessly. */
export function renderYaml(value: unknown): string {
  // By way of JSON: what is absent is left out, and dates are texts.
  const document = new Document(JSON.parse(JSON.stringify(value)) as unknown, {
    aliasDuplicateObjects: false,
  });
  visit(document, {
    Scalar: (_key, node) => {
      if (isScalar(node) && typeof node.value === 'string' && /[\p{C}\p{Zl}\p{Zp}]/u.test(node.value))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  return escapeQuoted(document.toString({ lineWidth: 0 }).trimEnd());
}
