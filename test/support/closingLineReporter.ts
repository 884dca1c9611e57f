import { writeSync } from 'node:fs';

import type { Reporter, TestCase, TestModule } from 'vitest/node';

interface Tally {
  passed: number;
  failed: number;
  readonly skipped: string[];
}

/**
 * Ends a run with the line `N passed, N failed`, and `, N skipped` when there are skipped tests, each of which
 * stands before it with its reason (the note given to `context.skip`).
 *
 * A test file that can't be loaded and an error outside all tests count as one failure each.
 */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tally: Tally = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) count(module, tally);
    // Other reporters and vitest itself write until the very end; only this hook comes after all of them.
    process.once('exit', () => writeSync(1, render(tally)));
  }
}

function count(module: TestModule, tally: Tally): void {
  const suites = [...module.children.allSuites()];
  tally.failed += [module, ...suites].filter((collection) => collection.errors().length > 0).length;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') tally.passed += 1;
    else if (state === 'failed') tally.failed += 1;
    else tally.skipped.push(describeSkipped(module, test));
  }
}

function describeSkipped(module: TestModule, test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : 'it never ran';
  return `skipped: ${module.relativeModuleId} > ${test.fullName}: ${note ?? 'no reason was given'}\n`;
}

/** The closing line with the skipped tests before it. */
function render({ passed, failed, skipped }: Tally): string {
  const skips = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
  return `${skipped.join('')}${passed} passed, ${failed} failed${skips}\n`;
}
