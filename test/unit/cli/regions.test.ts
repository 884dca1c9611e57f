import { expect, test } from 'vitest';
import { Command } from 'commander';
import { takeRegions } from '../../../src/cli/options.ts';
import { createProgram } from '../../../src/cli/program.ts';

/** The regions that an action gets. */
async function named(...words: readonly string[]): Promise<readonly string[]> {
  let got: readonly string[] = [];
  const command = takeRegions(new Command('plan')).action((regions: readonly string[]) => {
    got = regions;
  });
  await command.parseAsync(words, { from: 'user' });
  return got;
}

test('regions are arguments, values of --region, or both', async () => {
  expect(await named('one', 'two')).toEqual(['one', 'two']);
  expect(await named('--region', 'one', 'two')).toEqual(['one', 'two']);
  expect(await named('-r', 'one', '-r', 'two')).toEqual(['one', 'two']);
  expect(await named('one', '--region=two', '--all')).toEqual(['one', 'two']);
  expect(await named()).toEqual([]);
});

test('every command that takes regions takes --region', () => {
  const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];
  const takers = all(createProgram()).filter(
    ({ registeredArguments: [first] }) => first?.name() === 'regions',
  );

  expect(takers.map((command) => command.name())).toContain('reconcile');
  for (const { options } of takers) expect(options.map(({ long }) => long)).toContain('--region');
});
