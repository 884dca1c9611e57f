import { readFile } from 'node:fs/promises';

const MARK = 'not run by the test';

/** The blocks of a page of `docs`, in their order. */
export interface DocPage {
  /** Blocks of commands that a test runs. */
  readonly commands: readonly string[];
  /** Lines of those blocks that are marked as not run, by a comment right above that says why. */
  readonly notRun: readonly string[];
  /** Blocks of YAML. */
  readonly yaml: readonly string[];
}

/** Reads a page of `docs`; `../README.md` as well. */
export async function readDocPage(name: string): Promise<DocPage> {
  const text = await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/(?:<!-- ([^>]*?) -->\n\n)?```(\w+)\n([^]*?)\n```/g)].map(
    ([, comment = '', language = '', body = '']) => ({ comment, language, body }),
  );
  const isMarked = ({ comment }: { readonly comment: string }): boolean => comment.startsWith(MARK);
  const shell = blocks.filter(({ language }) => language === 'sh');
  return {
    commands: shell.filter((block) => !isMarked(block)).map(({ body }) => body),
    notRun: shell.filter(isMarked).flatMap(({ body }) => body.split('\n')),
    yaml: blocks.filter(({ language }) => language === 'yaml').map(({ body }) => body),
  };
}
