import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { listCommands, PAGE_FILE, renderPage } from '../../../scripts/cliDocs.ts';
import { createProgram } from '../../../src/cli/program.ts';

const PAGES = ['README.md', 'docs/getting-started.md', 'docs/uninstall.md', 'docs/sites.md'].map(
  (name) => new URL(`../../../${name}`, import.meta.url),
);

test('docs/cli.md is what the commands say of themselves', async () => {
  expect(await readFile(PAGE_FILE, 'utf8'), 'renew it: npm run -s cli-docs').toBe(await renderPage());
});

test('every command has an example and its exit codes', async () => {
  const page = await renderPage();
  const [, ...sections] = page.split('\n## innervisor');

  expect(sections).toHaveLength(listCommands(createProgram()).length);
  for (const section of sections) expect(section).toContain('Exit codes');
  for (const section of sections.slice(1)) expect(section).toMatch(/Examples:\n {2}\S/);
});

test('every command line of README, of the first and the last day, and of the examples is one that the program takes', async () => {
  const pages = await Promise.all(PAGES.map((page) => readFile(page, 'utf8')));
  const page = [...pages, await renderPage()].join('\n');
  const lines = [
    ...page.matchAll(/^ *(?:npm run -s innervisor --|innervisor) ([a-z].*?)(?: {2,}.*| #.*| >.*)?$/gm),
  ]
    .map(([, line = '']) => line)
    .filter((line) => !line.includes('[options]'));

  expect(lines.length).toBeGreaterThan(20);
  for (const line of lines) expect(() => takeLine(line), line).not.toThrow();
});

/** Parses a command line as the program would, without doing what it says. */
function takeLine(line: string): void {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
  const program = createProgram();
  for (const command of [program, ...listCommands(program)])
    command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .action(() => undefined);
  program.parse(words, { from: 'user' });
}
